import type { Corpus } from '../../midi/index.ts';
import type { EpochRecord } from '../../nn/index.ts';
import type { TrainingJob } from '../coordinator.ts';
import type { Ending } from './messages.ts';
import type { MusicFrom } from './music-store.ts';

/** What a worker is given to train. */
export interface TrainingTask {
  job: TrainingJob;
  corpus: Corpus;
  /** A run folder of its own, which may hold a checkpoint to go on from. */
  folder: string;
  /** Asked after each step: whether the state is to be saved now. */
  wantsCheckpoint: () => boolean;
}

/** How far a training is. */
export interface Standing {
  step: number;
  history: readonly EpochRecord[];
  /** The step of the checkpoint in the folder; 0 where there is none. */
  saved: number;
}

/**
 * Trains a task as `etude train --threads 1` would. Saves and returns `interrupted` soon after `signal` aborts.
 * @throws whatever makes it impossible; an EtudeError where another machine could not do it either
 */
export type TrainHere = (
  task: TrainingTask,
  onProgress: (standing: Standing) => void,
  signal: AbortSignal,
) => Promise<Standing & { ended: Ending | 'interrupted' }>;

/** Which machine of a run this worker is, from 1, and the newest round that it has computed; 0 before the first. */
export interface MachinePlace {
  run: string;
  number: number;
  of: number;
  round: number;
}

/** What a worker says it does. */
export type WorkerEvent =
  | { event: 'ready'; redis: string; prefix: string; name: string }
  | { event: 'job'; run: string; preset: string; from: number; until: number | null; music: MusicFrom }
  | { event: 'saved'; run: string; step: number }
  | ({ event: 'joined'; preset: string; music: MusicFrom } & MachinePlace)
  | ({ event: 'round' } & MachinePlace)
  | { event: 'done'; run: string; step: number; ended: Ending }
  | ({ event: 'done'; ended: string } & MachinePlace)
  | ({ event: 'given back' | 'stopped' | 'lost' } & ({ run: string; step: number } | MachinePlace))
  | ({ event: 'failed'; message: string } & ({ run: string } | MachinePlace))
  | { event: 'warning'; message: string };
