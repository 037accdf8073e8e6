import { availableParallelism } from 'node:os';
import { estimateMemory } from '../src/nn/index.ts';
import { createWorkloadEngine } from './engine.ts';
import type { Row } from './results.ts';
import { isEnough, summarise, type Effort } from './timing.ts';
import { verifyEngine } from './train.ts';
import type { Watcher } from './watcher.ts';
import { createWorkload, REFERENCE, workloadSpec, type WorkloadShape } from './workload.ts';

/** What is varied while the rest stays as in the reference workload. */
export type Axis = 'hiddenSize' | 'seqLength' | 'batchSize' | 'threads';

/** How each is called in tables. */
export const AXIS_WORDS: Readonly<Record<Axis, string>> = {
  hiddenSize: 'units H',
  seqLength: 'steps T',
  batchSize: 'batch',
  threads: 'threads',
};

/** A training step with one number of the workload changed. */
export interface ScalingRow extends Row {
  axis: Axis;
  value: number;
  /** Milliseconds of a step for each unit of `value`: constant where time grows in proportion. */
  msPerUnit: number;
  /** The bytes of all buffers of the engine. */
  bytes: number;
}

/** How time and memory grow with an axis: as its `exponent`-th power, fitted to the logarithms by least squares. */
export interface ScalingFit {
  axis: Axis;
  timeExponent: number;
  memoryExponent: number;
  /** The same for the upper half of the values, where what does not grow no longer counts. */
  timeExponentAbove: number;
  memoryExponentAbove: number;
}

export interface ScalingBenchOptions extends Watcher<ScalingRow> {
  backend: string;
  /** Of each step that is measured. */
  effort: Effort;
  /** Leaves out the larger values: for verification. */
  small?: boolean;
}

const VALUES: Record<Axis, readonly number[]> = {
  hiddenSize: [16, 32, 64, 128, 256, 512],
  seqLength: [5, 10, 25, 50, 100, 200],
  batchSize: [4, 8, 16, 32, 64, 128, 256],
  threads: Array.from({ length: Math.min(16, availableParallelism()) }, (_, index) => index + 1),
};

/** How the time and the memory of a training step grow with H, T, the batch and the threads; the first three on one thread. */
export async function benchScaling(options: ScalingBenchOptions): Promise<{ rows: ScalingRow[]; fits: ScalingFit[] }> {
  const { backend, small = false } = options;
  options.onStage?.(`Verifying ${backend} by the losses of the reference run`);
  await verifyEngine({ backend, threads: 1 });
  const points = (Object.keys(VALUES) as Axis[])
    .filter((axis) => !(axis === 'threads' && backend === 'reference'))
    .flatMap((axis) => (small ? VALUES[axis].slice(0, 3) : VALUES[axis]).map((value) => ({ axis, value })));
  const rows: ScalingRow[] = [];
  for (const { axis, value } of points) {
    options.onBegin?.(`${axis} ${value} (${rows.length + 1} of ${points.length})`);
    const row = await measure(axis, value, options);
    rows.push(row);
    options.onRow?.(row);
  }
  const axes = [...new Set(rows.map(({ axis }) => axis))];
  return { rows, fits: axes.map((axis) => fitAxis(axis, rows.filter((row) => row.axis === axis))) }; // prettier-ignore
}

async function measure(axis: Axis, value: number, { backend, effort }: ScalingBenchOptions): Promise<ScalingRow> {
  const threads = axis === 'threads' ? value : 1;
  const shape: WorkloadShape = axis === 'threads' ? REFERENCE : { ...REFERENCE, [axis]: value };
  const { engine, step } = await createWorkloadEngine(createWorkload(shape), { backend, threads });
  try {
    const samples: number[] = [];
    // The first steps take memory and warm up.
    for (let warm = 0; warm < 2; warm++) await step();
    const start = performance.now();
    while (!isEnough(samples.length, start, effort)) {
      const begin = performance.now();
      await step();
      samples.push(performance.now() - begin);
    }
    const timing = summarise(samples);
    const memory = estimateMemory(workloadSpec(shape), { batchSize: shape.batchSize, steps: shape.seqLength }, threads);
    return {
      id: `training step, ${axis} ${value}, ${engine.name}`,
      axis,
      value,
      ...timing,
      msPerUnit: timing.medianMs / value,
      bytes: memory.total,
    };
  } finally {
    await engine.dispose();
  }
}

function fitAxis(axis: Axis, rows: readonly ScalingRow[]): ScalingFit {
  const above = rows.slice(Math.floor((rows.length - 1) / 2));
  const exponent = (some: readonly ScalingRow[], of: (row: ScalingRow) => number): number =>
    fitExponent(some.map((row) => [row.value, of(row)] as const)); // prettier-ignore
  const time = ({ medianMs }: ScalingRow): number => medianMs;
  const memory = ({ bytes }: ScalingRow): number => bytes;
  return {
    axis,
    timeExponent: exponent(rows, time),
    memoryExponent: exponent(rows, memory),
    timeExponentAbove: exponent(above, time),
    memoryExponentAbove: exponent(above, memory),
  };
}

/** The power p for which y = c · xᵖ comes closest to the points, by least squares of the logarithms; NaN of one point. */
export function fitExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (axis: 0 | 1): number => logs.reduce((sum, log) => sum + log[axis], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}
