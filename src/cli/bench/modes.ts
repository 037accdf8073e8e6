import { benchGpuKernels, type GpuKernelRow } from '../../../bench/gpu/bench-gpu-kernels.ts';
import { listModes } from '../../../bench/modes.ts';
import { benchTrainModes, type ModeRow } from '../../../bench/train-modes.ts';
import { UsageError } from '../../errors.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { digits, figure, TIME_COLUMNS, times, type BenchCall, type BenchReport } from './report.ts';
import { shapeOf } from './train.ts';

const SECONDS = 1;
const LEAST_SAMPLES = 3;

/** `etude bench modes`, which is also `etude bench --backend all`: kernels and training step in every mode that runs here. */
export async function modes(call: BenchCall): Promise<BenchReport> {
  const { options, terminal } = call;
  const { seconds = SECONDS, backend = 'all' } = options;
  if (backend !== 'all') throw new UsageError(`--backend ${backend}: bench modes measures them all; for one there is bench train.`); // prettier-ignore
  const shape = shapeOf(options);
  const found = await listModes();
  const kernels = await benchGpuKernels({
    modes: found,
    shape,
    effort: { seconds: seconds / 4, samples: LEAST_SAMPLES },
    ...announcing(terminal, 'Kernels', found.length),
  });
  const steps = await trainModes(call, found);
  const rows = [...kernels.rows, ...steps.rows];
  return { rows, tables: [kernelTable(kernels.rows), ...steps.tables], notes: [...kernels.notes, ...steps.notes] };
}

/** `etude bench train --backend all`: the training step alone. */
export async function trainModes({ options, terminal }: BenchCall, found?: Awaited<ReturnType<typeof listModes>>) {
  const { seconds = SECONDS, steps } = options;
  const modes = found ?? (await listModes());
  const { rows, notes } = await benchTrainModes({
    modes,
    shape: shapeOf(options),
    steps,
    effort: { seconds, samples: LEAST_SAMPLES },
    ...announcing(terminal, 'Training steps', modes.length),
  });
  return { rows, tables: [stepTable(rows)], notes } satisfies BenchReport;
}

function announcing(terminal: Terminal, what: string, count: number): { onMode(backend: string): void } {
  const progress = createProgress(terminal, { unit: 'mode' });
  progress.start(count, what);
  let done = 0;
  return {
    onMode: () => {
      progress.update(++done);
      if (done === count) progress.abandon();
    },
  };
}

/** Kernels in rows, each mode's beside the others. */
function kernelTable(rows: readonly GpuKernelRow[]): BenchReport['tables'][number] {
  const columns = [{ title: 'Kernel' }, { title: 'Shape' }, { title: 'Mode' }, ...TIME_COLUMNS, figure('GFLOP/s')];
  const sorted = [...new Set(rows.map(({ operation }) => operation))].flatMap((name) =>
    rows.filter(({ operation }) => operation === name),
  );
  const cells = sorted.map((row) => [
    row.operation,
    row.shape,
    row.backend,
    ...times(row),
    row.gflops > 0 ? digits(row.gflops) : '',
  ]);
  return { columns, rows: cells };
}

/** The training step in rows: times, the ratio to the fastest of our own, and what it costs a device beside arithmetic. */
export function stepTable(rows: readonly ModeRow[]): BenchReport['tables'][number] {
  const columns = [
    { title: 'Training step in the mode' },
    { title: 'on' },
    ...TIME_COLUMNS,
    figure('times SIMD'),
    figure('GFLOP/s'),
    figure('launches'),
    figure('MB up'),
    figure('MB down'),
    figure('MB written'),
  ];
  const ours = rows.filter(({ backend }) => backend.startsWith('simd')).map(({ medianMs }) => medianMs);
  const best = Math.min(...ours);
  const cells = rows.map((row) => {
    const { gpu } = row;
    const threads = row.threads === 1 ? '' : `, ${row.threads} threads`;
    const plan = gpu ? `, ${gpu.planSteps} at once` : '';
    const costs = gpu ? [gpu.launches, ...[gpu.bytesUp, gpu.bytesDown, gpu.bytesWritten].map((bytes) => bytes / 1e6)] : []; // prettier-ignore
    return [
      `${row.backend}${threads}${plan}`,
      row.device,
      ...times(row),
      Number.isFinite(best) ? digits(best / row.medianMs) : '',
      digits(row.gflops),
      ...(gpu ? costs.map(digits) : ['', '', '', '']),
    ];
  });
  return { columns, rows: cells };
}
