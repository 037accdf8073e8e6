import { UsageError } from '../../errors.ts';
import type { Build } from '../build.ts';
import type { TrainingJob } from '../coordinator.ts';

/** What all keys begin with where nothing else is asked for. */
export const DEFAULT_PREFIX = 'etude';

/** @throws UsageError for a prefix that SCAN or BullMQ would take for more than a name */
export function checkedPrefix(prefix: string): string {
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(prefix)) return prefix;
  throw new UsageError('--prefix: expected up to 64 letters, digits, "_", "." and "-".');
}

/** The queue of a build: jobs of another never reach a machine whose bits differ. */
export function queueName({ bits }: Build): string {
  return `jobs-${bits.slice(0, 16)}`;
}

/** The id of a job in the queue: who asks for the same training twice gets the same job. */
export function jobId({ run, until }: Pick<TrainingJob, 'run' | 'until'>): string {
  return `${run}.${until ?? 'end'}`;
}

/** Set while a job is to be stopped. */
export function stopKey(prefix: string, id: string): string {
  return `${prefix}:stop:${id}`;
}

/** Why a job failed that was stopped by whoever asked for it. */
export const STOPPED = 'stopped by whoever asked for it';

/** The two streams of a run that several machines train together: what is asked of them, and what they answer. */
export function roundsKey(prefix: string, run: string, stream: 'tasks' | 'answers'): string {
  return `${prefix}:rounds:${run}:${stream}`;
}

/** The id of the job that makes a worker machine `machine` of a run. */
export function machineJobId(run: string, machine: number): string {
  return `${run}.machine-${machine + 1}`;
}

/** What the jobs of a queue are called, by their kind. */
export const JOB_NAMES = { train: 'train', rounds: 'rounds' } as const;
