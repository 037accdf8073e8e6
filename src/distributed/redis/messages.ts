import { parseSettings } from '../../music/index.ts';
import type { EpochRecord } from '../../nn/index.ts';
import type { Build } from '../build.ts';
import type { JobProgress, JobResult, TrainingJob } from '../coordinator.ts';
import { Fields } from './check.ts';

/** The files of a run folder that travel; no other name is ever written. */
export const TRAVELLING = ['config.json', 'log.jsonl', 'best.safetensors', 'last.safetensors'] as const;
export type TravellingName = (typeof TRAVELLING)[number];

/** A file of a run: its bytes lie under their digest. */
export interface TravellingFile {
  name: TravellingName;
  digest: string;
  bytes: number;
}

/** A job as it lies in the queue: settings and digests, nothing else. `music` is the digest of a file of `packCorpus`. */
export interface JobMessage extends TrainingJob {
  build: Build;
  /** The run folder that it goes on from; empty for a run that begins. */
  start: TravellingFile[];
}

/** How far a job is, and the newest files of its run. */
export interface ProgressMessage extends JobProgress {
  files: TravellingFile[];
}

/** How a job ended, and the files of its run. */
export interface ResultMessage extends JobResult {
  ended: Ending;
  files: TravellingFile[];
}

/** Why a training ended, as a worker says it. */
export const ENDINGS = ['completed', 'early stopping', 'max steps', 'minutes', 'steps', 'diverged'] as const;
export type Ending = (typeof ENDINGS)[number];

/** The largest file of a run. */
const MAX_FILE_BYTES = 2 ** 30;
const MAX_EPOCHS = 100_000;
const MAX_STEPS = 1e9;
export const DIGEST = /^[0-9a-f]{64}$/;
export const ID = /^[\w-]{1,128}$/;
/** A name that people gave a machine: printable, without what a terminal would obey. */
export const NAME = /^[\w.@:+ -]{1,64}$/;

export function readJobMessage(value: unknown): JobMessage {
  const job = new Fields('the job', value);
  return {
    run: job.text('run', ID),
    preset: job.text('preset', ID),
    settings: job.checked('settings', parseSettings),
    music: job.text('music', DIGEST, 'a digest'),
    until: job.orNull('until', (name) => job.count(name, MAX_STEPS)),
    build: job.object('build', readBuild),
    start: readFiles(job, 'start'),
  };
}

export function readProgressMessage(value: unknown): ProgressMessage {
  const progress = new Fields('the progress of a job', value);
  return { ...readStanding(progress), files: readFiles(progress, 'files') };
}

export function readResultMessage(value: unknown): ResultMessage {
  const result = new Fields('the result of a job', value);
  const ended = result.word('ended', ENDINGS);
  return { ...readStanding(result), ended, files: readFiles(result, 'files') };
}

export function readBuild(value: unknown, what: string): Build {
  const build = new Fields(what, value);
  return { etude: build.text('etude', /^[\w.+-]{1,64}$/, 'a version'), bits: build.text('bits', DIGEST, 'a digest') };
}

function readStanding(fields: Fields): JobProgress {
  return {
    machine: fields.text('machine', NAME, 'the name of a machine'),
    step: fields.count('step', MAX_STEPS),
    history: fields.list('history', MAX_EPOCHS, readEpoch),
  };
}

function readEpoch(value: unknown, what: string): EpochRecord {
  const record = new Fields(what, value);
  const losses = (inner: unknown, where: string): Record<string, number> => new Fields(where, inner).numbers();
  const validation = (inner: unknown, where: string): NonNullable<EpochRecord['validation']> => {
    const fields = new Fields(where, inner);
    return { loss: fields.number('loss'), losses: fields.object('losses', losses) };
  };
  return {
    epoch: record.count('epoch'),
    step: record.count('step', MAX_STEPS),
    loss: record.number('loss'),
    losses: record.object('losses', losses),
    validation: record.orNull('validation', (name) => record.object(name, validation)),
    learningRate: record.number('learningRate'),
    gradientNorm: record.number('gradientNorm'),
    clipped: record.number('clipped'),
  };
}

function readFiles(fields: Fields, name: string): TravellingFile[] {
  const seen = new Set<string>();
  return fields.list(name, TRAVELLING.length, (value, what) => {
    const file = new Fields(what, value);
    // A name that comes twice is none of ours either.
    const read = file.word('name', TRAVELLING.filter((known) => !seen.has(known)));
    seen.add(read);
    return { name: read, digest: file.text('digest', DIGEST, 'a digest'), bytes: file.count('bytes', MAX_FILE_BYTES) };
  }); // prettier-ignore
}
