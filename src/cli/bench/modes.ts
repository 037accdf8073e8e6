import { benchGpuKernels, type GpuKernelRow } from '../../../bench/gpu/bench-gpu-kernels.ts';
import { listModes } from '../../../bench/modes.ts';
import { STEP_COLUMNS, stepCells } from '../../../bench/step-table.ts';
import { TIME_COLUMNS, times } from '../../../bench/times.ts';
import { benchTrainModes, type ModeRow } from '../../../bench/train-modes.ts';
import { UsageError } from '../../errors.ts';
import { digits } from '../../text/numbers.ts';
import { figure, words, type Column } from '../../text/table.ts';
import type { Live } from './live.ts';
import { patienceFor, type BenchCall, type BenchReport } from './report.ts';
import { shapeOf } from './what-is-measured.ts';

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
