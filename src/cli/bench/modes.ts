import { benchGpuKernels, type GpuKernelRow } from '../../../bench/gpu/bench-gpu-kernels.ts';
import { listModes } from '../../../bench/modes.ts';
import { benchTrainModes, type ModeRow } from '../../../bench/train-modes.ts';
import { UsageError } from '../../errors.ts';
import type { Column } from '../table.ts';
import type { Live } from './live.ts';
import { digits, figure, patienceFor, TIME_COLUMNS, times, words, type BenchCall, type BenchReport } from './report.ts';
import { shapeOf } from './train.ts';
import { counted } from '../../words.ts';

const SECONDS = 1;
const LEAST_SAMPLES = 3;

/** `etude bench modes`, which is also `etude bench --backend all`: kernels and training step in every mode that runs here. */
export async function modes(call: BenchCall, live: Live): Promise<BenchReport> {
  const { options } = call;
  const { seconds = SECONDS, backend = 'all' } = options;
  if (backend !== 'all') throw new UsageError(`--backend ${backend}: bench modes measures them all; for one there is bench train.`); // prettier-ignore
  const shape = shapeOf(options);
  live.stage('Looking for the modes that run here');
  const found = await listModes();
  live.table(KERNEL_COLUMNS);
  live.stage('Timing kernels, each verified before');
  const kernels = await benchGpuKernels({
    modes: found,
    shape,
    effort: { seconds: seconds / 4, samples: LEAST_SAMPLES, patience: patienceFor(seconds) / 4 },
    onBegin: (kernel) => { live.detail(kernel); }, // prettier-ignore
    onRow: (row) => { live.row(row, kernelCells(row)); }, // prettier-ignore
  });
  const steps = await trainModes(call, live, found);
  return { rows: [...kernels.rows, ...steps.rows], notes: [...kernels.notes, ...steps.notes] };
}

/** `etude bench train --backend all`: the training step alone. */
export async function trainModes(
  { options }: BenchCall,
  live: Live,
  found?: Awaited<ReturnType<typeof listModes>>,
): Promise<BenchReport> {
  const { seconds = SECONDS, steps } = options;
  if (!found) live.stage('Looking for the modes that run here');
  const rows: ModeRow[] = [];
  live.table(STEP_COLUMNS);
  const { notes } = await benchTrainModes({
    modes: found ?? (await listModes()),
    shape: shapeOf(options),
    steps,
    effort: { seconds, samples: LEAST_SAMPLES, patience: patienceFor(seconds) },
    onStage: (stage) => { live.stage(stage); }, // prettier-ignore
    onRow: (row) => {
      rows.push(row);
      live.row(row, stepCells(row, rows[0]));
    },
  });
  return { rows, notes };
}

const KERNEL_COLUMNS: readonly Column[] = [
  words('Kernel', 18),
  words('Shape', 12),
  words('Mode', 14),
  ...TIME_COLUMNS,
  figure('GFLOP/s'),
];

function kernelCells(row: GpuKernelRow): string[] {
  return [row.operation, row.shape, row.backend, ...times(row), row.gflops > 0 ? digits(row.gflops) : ''];
}

const STEP_COLUMNS: readonly Column[] = [
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

/** @param first the mode that was measured first: of our own the fastest that runs here */
function stepCells(row: ModeRow, first: ModeRow): string[] {
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
