import type { Row } from '../../../bench/results.ts';
import type { Call } from '../command.ts';
import type { bench } from '../bench-table.ts';

export type BenchCall = Call<(typeof bench)['options']>;

/** What a benchmark hands back to be shown and written. */
export interface BenchReport {
  rows: Row[];
  /** Ceilings, fits: whatever else belongs to the rows. */
  extra?: Record<string, unknown>;
  /** Lines below the rows, which `Live` has shown. */
  notes: string[];
  /** Processor seconds of processes that were started for it. */
  childSeconds?: number;
}

/** Samples that take long are not waited for beyond a few times the seconds asked for. */
export function patienceFor(seconds: number): number {
  return Math.max(1, 2 * seconds);
}
