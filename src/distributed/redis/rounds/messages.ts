import { parseSettings, type Settings } from '../../../music/index.ts';
import { CELLS, NonFiniteError, type StepResult } from '../../../nn/index.ts';
import { Random, type RandomState } from '../../../tensor/index.ts';
import type { Build } from '../../build.ts';
import { DIFFERENCE_KINDS } from '../../rounds/difference.ts';
import type { RoundPlace } from '../../rounds/machines.ts';
import { ROUND_BOUNDS, type RoundSettings } from '../../rounds/settings.ts';
import { Fields, parseBounded } from '../check.ts';
import { DIGEST, ID, NAME, readBuild } from '../messages.ts';

/** The job that makes a worker a machine of a run, as it lies in the queue: settings and digests, nothing else. */
export interface MachineMessage extends Pick<RoundSettings, 'machines' | 'innerSteps' | 'differences'> {
  run: string;
  preset: string;
  settings: Settings;
  /** The digest of a file of `packCorpus`. */
  music: string;
  /** Its number, from 0. */
  machine: number;
  build: Build;
}

/** What is asked of all machines of a run: nothing yet, a round, or nothing any more. */
export type Announcement = { kind: 'wait' } | { kind: 'end' } | ({ kind: 'round' } & RoundMessage);

/** A round as it is announced: its weights are a blob. */
export interface RoundMessage extends RoundPlace {
  /** The digest of the weights, as `encodeDifference` writes them, and how many they are. */
  weights: string;
  parameters: number;
  /** The machines that the round waits for. */
  expected: readonly number[];
}

/** What a machine says: that it is there, what it found in a round, or that its training went beyond all numbers. */
export type Answer =
  | ({ kind: 'here' } & From)
  | ({ kind: 'found'; difference: string; steps: readonly StepResult[]; beganAnew: boolean } & OfRound)
  | ({ kind: 'not finite'; error: NonFiniteError } & OfRound);

interface From {
  machine: number;
  name: string;
}

/** Which task is answered: a round with these weights. */
interface OfRound extends From {
  round: number;
  weights: string;
}

const MAX_MACHINES = ROUND_BOUNDS.machines.max;
const MAX_ROUND_STEPS = ROUND_BOUNDS.innerSteps.max;
const MAX_PARAMETERS = 2 ** 28;
const MAX_HEADS = 64;
const MAX_COUNT = 1e9;
const MAX_TEXT = 2 ** 26;
/** The gates and states of all cells. */
const PARTS = [...new Set(Object.values(CELLS).flatMap(({ gates, states }) => [...gates, ...states]))];
const STAGES = ['parameters', 'forward', 'loss', 'gradient', 'optimizer'] as const;

export function readMachineMessage(value: unknown): MachineMessage {
  const job = new Fields('the job', value);
  const machines = job.count('machines', MAX_MACHINES);
  return {
    run: job.text('run', ID),
    preset: job.text('preset', ID),
    settings: job.checked('settings', parseSettings),
    music: job.text('music', DIGEST, 'a digest'),
    machine: job.count('machine', machines - 1),
    machines,
    innerSteps: job.count('innerSteps', MAX_ROUND_STEPS),
    differences: job.word('differences', DIFFERENCE_KINDS),
    build: job.object('build', readBuild),
  };
}

export function readAnnouncement(text: string): Announcement {
  const task = new Fields('what is asked', parseBounded('what is asked', text, MAX_TEXT));
  const kind = task.word('kind', ['wait', 'round', 'end']);
  if (kind !== 'round') return { kind };
  return {
    kind,
    round: task.count('round', MAX_COUNT),
    step: task.count('step', MAX_COUNT),
    epoch: task.count('epoch', MAX_COUNT),
    shuffle: task.checked('shuffle', (state) => new Random(state as RandomState).state()),
    batch: task.count('batch', MAX_COUNT),
    learningRates: task.list('learningRates', MAX_ROUND_STEPS, readNumber),
    weights: task.text('weights', DIGEST, 'a digest'),
    parameters: task.count('parameters', MAX_PARAMETERS),
    expected: task.list('expected', MAX_MACHINES, (number, what) => new Fields(what, { number }).count('number', MAX_MACHINES)), // prettier-ignore
  };
}

/** An answer as text, in JSON. What is not finite stands there as a word. */
export function writeAnswer(answer: Answer): string {
  if (answer.kind !== 'not finite') return JSON.stringify(answer);
  const { place, loss, gradientNorm } = answer.error;
  return JSON.stringify({ ...answer, error: { place, loss: String(loss), gradientNorm: String(gradientNorm) } });
}

/** @param count of machines */
export function readAnswer(text: string, count: number): Answer {
  const answer = new Fields('an answer', parseBounded('an answer', text, MAX_TEXT));
  const kind = answer.word('kind', ['here', 'found', 'not finite']);
  const from = {
    machine: answer.count('machine', count - 1),
    name: answer.text('name', NAME, 'the name of a machine'),
  };
  if (kind === 'here') return { kind, ...from };
  const of = { ...from, round: answer.count('round', MAX_COUNT), weights: answer.text('weights', DIGEST, 'a digest') };
  if (kind === 'not finite') return { kind, ...of, error: answer.object('error', readNonFinite) };
  const steps = answer.list('steps', MAX_ROUND_STEPS, readStep);
  const beganAnew = answer.word('beganAnew', [true, false]);
  return { kind, ...of, difference: answer.text('difference', DIGEST, 'a digest'), steps, beganAnew };
}

function readStep(value: unknown, what: string): StepResult {
  const step = new Fields(what, value);
  return {
    losses: step.list('losses', MAX_HEADS, readNumber),
    loss: step.number('loss'),
    gradientNorm: step.number('gradientNorm'),
    clipped: step.word('clipped', [true, false]),
  };
}

function readNumber(value: unknown, what: string): number {
  return new Fields(what, { number: value }).number('number');
}

function readNonFinite(value: unknown, what: string): NonFiniteError {
  const error = new Fields(what, value);
  const number = (name: string): number => Number(error.text(name, /^-?(NaN|Infinity|[\d.e+-]{1,30})$/, 'a number'));
  const place = error.object('place', (inner, where) => {
    const fields = new Fields(where, inner);
    return {
      stage: fields.word('stage', STAGES),
      layer: fields.text('layer', /^[\w. -]{0,64}$/, 'a layer'),
      ...(fields.has('gate') && { gate: fields.word('gate', PARTS) }),
      ...(fields.has('timeStep') && { timeStep: fields.count('timeStep', MAX_COUNT) }),
    };
  });
  return new NonFiniteError(place, number('loss'), number('gradientNorm'));
}
