import { digits } from '../src/text/numbers.ts';
import { figure, words, type Column } from '../src/text/table.ts';
import { counted } from '../src/text/words.ts';
import { TIME_COLUMNS, times } from './times.ts';
import type { ModeRow } from './train-modes.ts';

/** What stands over the rows of {@link stepTable}. */
export const STEP_COLUMNS: readonly Column[] = [
  words('Training step in the mode', 0),
  words('on', 13),
  ...TIME_COLUMNS,
  figure('times SIMD'),
  figure('GFLOP/s'),
  figure('launches'),
  figure('MB up'),
  figure('MB down'),
  figure('MB written'),
];

/** The training step in rows: times, the ratio to our own fastest, and what it costs a device beside arithmetic. */
export function stepTable(rows: readonly ModeRow[]): { columns: readonly Column[]; rows: string[][] } {
  return { columns: STEP_COLUMNS, rows: rows.map((row) => stepCells(row, rows[0])) };
}

/**
 * The cells of one row.
 * @param first the mode that was measured first: of our own the fastest that runs here
 */
export function stepCells(row: ModeRow, first: ModeRow): string[] {
  const { gpu } = row;
  const threads = row.threads === 1 ? '' : `, ${counted(row.threads, 'thread')}`;
  const plan = gpu ? `, ${gpu.planSteps} at once` : '';
  const costs = gpu ? [gpu.launches, ...[gpu.bytesUp, gpu.bytesDown, gpu.bytesWritten].map((bytes) => bytes / 1e6)] : []; // prettier-ignore
  return [
    `${row.backend}${threads}${plan}`,
    row.device,
    ...times(row),
    first.backend.startsWith('simd') ? digits(first.medianMs / row.medianMs) : '',
    digits(row.gflops),
    ...(gpu ? costs.map(digits) : ['', '', '', '']),
  ];
}
