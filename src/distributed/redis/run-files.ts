import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../make-folders.ts';
import { parseSettings, type Settings } from '../../music/index.ts';
import { decodeCheckpoint, type TrainerState } from '../../nn/index.ts';
import type { TrainingJob } from '../coordinator.ts';
import type { MusicAtHand } from '../music-at-hand.ts';
import type { BlobStore } from './blobs.ts';
import { Fields, parseBounded } from './check.ts';
import { clause, DistributedError } from './errors.ts';
import { TRAVELLING, type ResultMessage, type TravellingFile, type TravellingName } from './messages.ts';

/** The files of a run, as bytes. */
export type RunFiles = Map<TravellingName, Uint8Array>;

const MAX_JSON = 2 ** 28;

/** The files of a run folder that travel, read without a pause, so that they belong together. */
export function readRunFiles(folder: string): RunFiles {
  const files: RunFiles = new Map();
  for (const name of TRAVELLING) {
    try {
      files.set(name, readFileSync(join(folder, name)));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    }
  }
  return files;
}

/** Writes files into a run folder, each whole or not at all; the state to resume from comes last. */
export function writeRunFiles(folder: string, files: RunFiles): void {
  makeFolders(folder);
  for (const name of TRAVELLING) {
    const bytes = files.get(name);
    if (bytes === undefined) continue;
    const beside = join(folder, `.${name}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      writeFileSync(beside, bytes);
      renameSync(beside, join(folder, name));
    } finally {
      rmSync(beside, { force: true });
    }
  }
}

export async function sendRunFiles(store: BlobStore, files: RunFiles): Promise<TravellingFile[]> {
  const sent: TravellingFile[] = [];
  for (const [name, bytes] of files) sent.push({ name, digest: await store.put(bytes), bytes: bytes.length });
  return sent;
}

export async function fetchRunFiles(store: BlobStore, files: readonly TravellingFile[]): Promise<RunFiles> {
  const fetched: RunFiles = new Map();
  for (const { name, digest, bytes } of files) fetched.set(name, await store.get(digest, bytes));
  return fetched;
}

/**
 * Looks at files from another machine before anything is written: that checkpoints are whole, hold no number that is not finite, and are
 * of this job, that the rest is JSON.
 * @returns the state of the newest checkpoint; undefined where there is none
 * @throws DistributedError `damaged` that says what is wrong
 */
export function checkRunFiles(files: RunFiles, job: TrainingJob): TrainerState | undefined {
  let state: TrainerState | undefined;
  for (const name of ['best.safetensors', 'last.safetensors'] as const) {
    const bytes = files.get(name);
    if (bytes !== undefined) state = checkCheckpoint(name, bytes, job);
  }
  if (files.has('best.safetensors') && !files.has('last.safetensors')) refuse('last.safetensors', 'it is missing');
  const log = files.get('log.jsonl');
  if (log !== undefined) {
    for (const line of textOf('log.jsonl', log).split('\n')) {
      if (line !== '') new Fields('log.jsonl', parseBounded('log.jsonl', line, MAX_JSON));
    }
  }
  return state;
}

/** @throws DistributedError `damaged` where a result and its files are not of one run */
export function checkResult(files: RunFiles, result: ResultMessage, job: TrainingJob): void {
  const state = checkRunFiles(files, job);
  // A run that diverges at once has saved nothing.
  if (!state && result.ended !== 'diverged') refuse('last.safetensors', 'it is missing');
  if (!files.has('config.json') || !files.has('log.jsonl')) refuse('config.json, log.jsonl', 'they are missing');
  if (!state || result.ended === 'diverged') return;
  if (state.step !== result.step)
    refuse('last.safetensors', `it is of step ${state.step}, the result of step ${result.step}`);
  if (JSON.stringify(state.history) !== JSON.stringify(result.history)) {
    refuse('last.safetensors', 'its epochs are not those of the result');
  }
  if (result.ended === 'steps' && result.step !== job.until)
    refuse('the result', 'it does not end at the step asked for');
}

function checkCheckpoint(name: string, bytes: Uint8Array, job: TrainingJob): TrainerState {
  try {
    const { extra, training } = decodeCheckpoint(bytes);
    const settings = parseSettings(extra.settings);
    if (!training) refuse(name, 'it holds no training state');
    if (extra.preset !== job.preset || !sameSettings(settings, job.settings)) refuse(name, 'it is of other settings');
    return training.trainer;
  } catch (thrown) {
    if (thrown instanceof DistributedError) throw thrown;
    return refuse(name, clause(thrown instanceof Error ? thrown.message : String(thrown)));
  }
}

/** What was left to the music is settled in a checkpoint. */
function sameSettings(found: Settings, asked: Settings): boolean {
  const time = asked.time === 'auto' ? found.time : asked.time;
  return JSON.stringify(parseSettings(found)) === JSON.stringify(parseSettings({ ...asked, time }));
}

/** The config.json of a run that another machine trained, as this one would have written it: with the places of the music here. */
export function configAtHome(bytes: Uint8Array, job: TrainingJob, { sources, root, leftOut }: MusicAtHand): Uint8Array {
  const value = parseBounded('config.json', textOf('config.json', bytes), MAX_JSON);
  const config = new Fields('config.json', value);
  config.word('format', ['etude-run']);
  config.word('preset', [job.preset]);
  const settings = config.checked('settings', parseSettings);
  if (!sameSettings(settings, job.settings)) refuse('config.json', 'it is of other settings');
  const data = (value as { data: object }).data;
  const fields = config.object('data', (given, what) => new Fields(what, given));
  const pieces = (side: string): unknown[] =>
    fields.list(side, 1_000_000, (piece, what) => readPiece(piece, what, root));
  const here = { ...data, sources: [...sources], train: pieces('train'), validation: pieces('validation'), leftOut };
  return new TextEncoder().encode(`${JSON.stringify({ ...(value as object), data: here }, undefined, 2)}\n`);
}

function readPiece(value: unknown, what: string, root: string): unknown {
  const piece = new Fields(what, value);
  // eslint-disable-next-line no-control-regex
  const path = piece.text('path', /^[^\u0000]{1,4096}$/, 'a path');
  return { path: root + path, notes: piece.count('notes'), digest: piece.text('digest', /^[0-9a-f]{64}$/, 'a digest') };
}

function textOf(name: string, bytes: Uint8Array): string {
  if (bytes.length > MAX_JSON) refuse(name, 'it is too large');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse(name, 'it is not text in UTF-8');
  }
}

function refuse(what: string, why: string): never {
  throw new DistributedError('damaged', `What came from Redis cannot be used: ${what}: ${why}.`);
}
