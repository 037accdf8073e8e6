import { readFileSync } from 'node:fs';
import { DataError, messageOf } from '../src/errors.ts';
import { describeMachine, type Load, type Machine } from './machine.ts';
import type { Timing } from './timing.ts';

/** One figure of a result, with what else is known about it. */
export interface Row extends Timing {
  /** What was measured, in words: the same in every run, so that runs can be compared. */
  id: string;
}

/** What a benchmark writes into a file: rows, and what they were measured on. */
export interface ResultFile<R extends Row = Row> {
  format: typeof FORMAT;
  bench: string;
  /** When it ended, by the machine's clock. */
  date: string;
  machine: Machine;
  load: Load;
  rows: R[];
  /** Ceilings, fits, whatever else belongs to the rows. */
  extra?: Record<string, unknown>;
}

const FORMAT = 'etude-bench 1';

/** The cores that others used while it was measured: in a race those of the rounds that count; 0 where nobody can tell. */
export function othersOf({ rows, load }: ResultFile): number {
  const ofRows = rows.flatMap((row) => ('others' in row && typeof row.others === 'number' ? [row.others] : []));
  return ofRows.length > 0 ? Math.max(...ofRows) : (load.others ?? 0);
}

/** Adds the machine and the time to the rows of a benchmark. */
export function resultFile<R extends Row>(
  bench: string,
  rows: R[],
  load: Load,
  extra?: Record<string, unknown>,
): ResultFile<R> {
  return { format: FORMAT, bench, date: new Date().toISOString(), machine: describeMachine(), load, rows, extra };
}

/** A result as text, numbers cut to what means something. */
export function formatResult(result: ResultFile): string {
  return `${JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? significant(value) : value), 1)}\n`;
}

/** Six significant digits. */
export function significant(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/**
 * Reads a result file.
 * @throws DataError when it cannot be read or is none
 */
export function readResult<R extends Row = Row>(path: string): ResultFile<R> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new DataError(`${path}: cannot be read as a result of a benchmark: ${messageOf(cause)}`, { cause });
  }
  const { format, rows } = (parsed ?? {}) as Partial<ResultFile>;
  if (format !== FORMAT || !Array.isArray(rows) || !rows.every(isRow)) {
    throw new DataError(`${path}: expected what "etude bench ... --out" writes, with the format "${FORMAT}".`);
  }
  return parsed as ResultFile<R>;
}

function isRow(value: unknown): value is Row {
  const { id, medianMs, p10Ms, p90Ms } = (value ?? {}) as Partial<Row>;
  return typeof id === 'string' && [medianMs, p10Ms, p90Ms].every((number) => typeof number === 'number');
}
