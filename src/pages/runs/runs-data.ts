import type { Settings } from '../../music/index.ts';
import type { EpochRecord } from '../../nn/index.ts';

/** A training run, as far as runs are compared. */
export interface RunSummary {
  /** The run folder, as it was given. */
  path: string;
  preset: string;
  settings: Settings;
  parameters: number;
  engine: string;
  history: readonly EpochRecord[];
  /** Training steps taken. */
  step: number;
  /** Seconds spent in epochs that were finished. */
  seconds: number;
  /** Why it ended: `completed`, `early stopping` …; null while it has not. */
  ended: string | null;
  /** Losses of runs can be compared where these are equal: they hold out the same music and encode it in the same way. */
  measure: string;
  /** The address of its report, relative to the page, where there is one. */
  report?: string;
}

/** Runs whose losses can be compared, the best first. */
export interface RunGroup {
  runs: readonly RunSummary[];
  /** Whether they are compared by validation losses; by training losses where nothing was held out. */
  validated: boolean;
  /** The settings in which they differ, in the order of the help. */
  differing: readonly (keyof Settings)[];
}
