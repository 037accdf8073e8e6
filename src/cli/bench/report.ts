import type { Row } from '../../../bench/results.ts';
import type { Call } from '../command.ts';
import type { bench } from '../bench-table.ts';
import type { Column } from '../table.ts';

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

/** A column of numbers, at least `width` characters wide. */
export function figure(title: string, width = 0): Column {
  return { title, align: 'right', width };
}

/** A column of words, as wide as the longest that is likely to stand in it. */
export function words(title: string, width: number): Column {
  return { title, width };
}

/** Samples that take long are not waited for beyond a few times the seconds asked for. */
export function patienceFor(seconds: number): number {
  return Math.max(1, 2 * seconds);
}

/** Three significant digits, never in scientific notation: `0.0123`, `12.3`, `1,230`. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString().includes('e') ? value.toExponential(1) : trimmed(value);
}

function trimmed(value: number): string {
  const text = value.toPrecision(3);
  return text.includes('e') ? String(Number(text)) : text;
}

/** A part of 1 as a percentage. */
export function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.0995 ? 1 : 0)} %`;
}

/** The times of a row: median, and from where to where the middle of the samples goes. */
export function times({ medianMs, p10Ms, p90Ms }: Row): string[] {
  return [digits(medianMs), `${digits(p10Ms)} - ${digits(p90Ms)}`];
}
export const TIME_COLUMNS: readonly Column[] = [figure('ms', 7), figure('10 % - 90 %', 17)];
