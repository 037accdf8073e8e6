import type { Settings } from '../music/index.ts';
import type { EpochRecord } from '../nn/index.ts';

/** A stretch of a training run that one machine is to take: from the run's beginning, or from a checkpoint, to a training step. */
export interface TrainingJob {
  /** Of the run: a digest of the settings, the music and the version of Etude. The same id gives the same bytes. */
  run: string;
  preset: string;
  settings: Settings;
  /** The digest of the music; see corpus-file. */
  music: string;
  /** Trains until so many steps have been taken in all; null: until the run ends by its settings. */
  until: number | null;
}

/** What a machine tells while it trains. */
export interface JobProgress {
  /** Who trains it. */
  machine: string;
  /** Training steps taken in all. */
  step: number;
  /** The epochs so far. */
  history: readonly EpochRecord[];
}

/** How a job ended. */
export interface JobResult {
  machine: string;
  /** Why: `completed`, `early stopping`, `steps` where `until` was reached, `diverged`. */
  ended: string;
  step: number;
  history: readonly EpochRecord[];
}

/** A machine that takes jobs. */
export interface Machine {
  name: string;
  /** The run that it trains at the moment. */
  run?: string;
}

/**
 * Hands training jobs to machines: processes of this one, or workers anywhere. Run folders (config.json, log.jsonl, checkpoints, as
 * `etude train` writes them) lie at the side of whoever asks: a job that goes on begins from what is there, and when it has ended the
 * folder holds what it made.
 */
export interface Coordinator {
  /** How many jobs it takes at once, now; more wait. */
  atOnce(): Promise<number>;
  machines(): Promise<readonly Machine[]>;
  /**
   * Has a job done. A job whose machine is lost is taken over by another from its last checkpoint.
   * @param folder the run folder, which may hold a checkpoint to go on from
   * @throws Error when it cannot be done: a machine of another version, damaged results; the reason of `signal` when that aborts
   */
  train(
    job: TrainingJob,
    folder: string,
    options: { onProgress?: (progress: JobProgress) => void; signal?: AbortSignal },
  ): Promise<JobResult>;
  close(): Promise<void>;
}
