import type { Row } from './results.ts';

/** Told what a benchmark is doing, while it does it. */
export interface Watcher<R extends Row> {
  /** Before something that takes long and gives no row: `verifying simd`. */
  onStage?(words: string): void;
  /** Before a row is measured. */
  onBegin?(words: string): void;
  /** When a row is made. */
  onRow?(row: R): void;
}
