import { messageOf } from '../../src/errors.ts';
import { openGpu, type GpuDevice } from '../../src/nn/gpu/index.ts';
import { createKernels, GpuLimitError, type GpuBackend } from '../../src/tensor/index.ts';
import type { GpuPlan, Handle } from '../../src/tensor/gpu/plan.ts';
import type { Mode } from '../modes.ts';
import type { Row } from '../results.ts';
import { median, sampleRuns, summarise, warmUp, type Effort } from '../timing.ts';
import { VerificationError } from '../verification-error.ts';
import type { WorkloadShape } from '../workload.ts';
import { gpuKernelCases, type GpuKernelCase } from './kernel-cases.ts';

/** One kernel of the training step in one mode. */
export interface GpuKernelRow extends Row {
  operation: string;
  shape: string;
  backend: string;
  device: string;
  /** 10^9 operations a second in the matrix products. */
  gflops: number;
  /** The largest error against double precision, in roundings of a number's magnitude; only of gpu.js, the others have their own benchmark. */
  roundings?: number;
}

export interface GpuKernelOptions {
  modes: readonly Mode[];
  shape: WorkloadShape;
  effort: Effort;
  onMode?(backend: string): void;
}

const ROUNDING = 2 ** -24;
/** So many numbers of an output are judged. */
const JUDGED = 400;
/** A launch is timed as the difference between a plan with one and a plan with more: so many more that it lasts so long, and half of the one. */
const DIFFERENCE_MS = 4;
const MOST_LAUNCHES = 256;

/**
 * The kernels of a training step in every mode that runs here, those of gpu.js verified against double precision before they
 * are timed. What goes up and comes back is not counted: that is part of the training step.
 */
export async function benchGpuKernels(options: GpuKernelOptions): Promise<{ rows: GpuKernelRow[]; notes: string[] }> {
  const rows: GpuKernelRow[] = [];
  const notes: string[] = [];
  const cases = gpuKernelCases(options.shape);
  for (const mode of options.modes.filter(({ missing }) => missing === undefined)) {
    options.onMode?.(mode.backend);
    try {
      const measured = mode.backend.startsWith('gpu-')
        ? await ofGpuJs(mode, cases, options.effort)
        : ofOurs(mode, cases, options.effort);
      rows.push(...measured);
    } catch (error) {
      if (!(error instanceof VerificationError || error instanceof GpuLimitError)) throw error;
      notes.push(`Kernels not measured: ${mode.backend}: ${messageOf(error)}`);
    }
  }
  return { rows, notes };
}

function ofOurs(mode: Mode, cases: readonly GpuKernelCase[], effort: Effort): GpuKernelRow[] {
  return cases.map((kernelCase) => {
    const timed = { run: kernelCase.ours(createKernels(mode.backend)) };
    warmUp(timed, { seconds: effort.seconds / 4, samples: 1 });
    return rowOf(mode, kernelCase, sampleRuns(timed, effort));
  });
}

async function ofGpuJs(mode: Mode, cases: readonly GpuKernelCase[], effort: Effort): Promise<GpuKernelRow[]> {
  const device = await openGpu(mode.backend as GpuBackend);
  try {
    const rows: GpuKernelRow[] = [];
    for (const kernelCase of cases) {
      const roundings = await verify(device, kernelCase);
      rows.push({ ...rowOf(mode, kernelCase, await sampleLaunches(device, kernelCase, effort)), roundings });
    }
    return rows;
  } finally {
    await device.dispose();
  }
}

/** A plan that launches the kernel so many times and gives back what the last one wrote. */
function planOf(device: GpuDevice, { source, output, constants, args }: GpuKernelCase, launches: number): GpuPlan {
  const arrays = args.filter((arg) => typeof arg === 'object');
  return device.plan(arrays.length, (handles) => {
    let result: Handle | undefined;
    for (let launch = 0; launch < launches; launch++) {
      const left = [...handles];
      result = device.kernel(
        source,
        output,
        constants,
      )(...args.map((arg) => (typeof arg === 'number' ? arg : left.shift()!)));
    }
    return [result!];
  });
}

const arraysOf = ({ args }: GpuKernelCase) => args.filter((arg) => typeof arg === 'object');

/** @returns the largest error in roundings @throws VerificationError where it is larger than the case allows */
async function verify(device: GpuDevice, kernelCase: GpuKernelCase): Promise<number> {
  const { operation, shape, units, exact, output } = kernelCase;
  const plan = planOf(device, kernelCase, 1);
  const [data] = await plan.run(arraysOf(kernelCase));
  await plan.dispose();
  const [columns, rows = 1] = output;
  // A prime stride meets all rows and columns.
  const stride = Math.max(1, Math.floor(data.length / JUDGED)) | 1;
  let worst = 0;
  for (let at = 0; at < data.length; at += stride) {
    const { value, magnitude } = exact(
      Math.floor(at / (columns * rows)),
      Math.floor(at / columns) % rows,
      at % columns,
    );
    const error = Math.abs(data[at] - value) / (magnitude * ROUNDING);
    // NaN counts as the worst.
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  }
  if (worst <= units) return worst;
  throw new VerificationError(
    `${operation} ${shape} on gpu.js ${device.mode} is wrong: its error is ${worst.toPrecision(3)} roundings, ${units} are allowed. It was not timed.`,
  );
}

/** The milliseconds of one launch, from plans with one and with more of them. */
async function sampleLaunches(device: GpuDevice, kernelCase: GpuKernelCase, effort: Effort): Promise<number[]> {
  const arrays = arraysOf(kernelCase);
  const one = planOf(device, kernelCase, 1);
  const base = median(await timesOf(one, arrays, { ...effort, seconds: effort.seconds / 4 }));
  await one.dispose();
  for (let more = 1; ; more *= 4) {
    const plan = planOf(device, kernelCase, 1 + more);
    const [probe] = await timesOf(plan, arrays, { seconds: 0, samples: 1 });
    const enough = probe - base >= Math.max(DIFFERENCE_MS, base / 2) || more >= MOST_LAUNCHES;
    const times = enough ? await timesOf(plan, arrays, effort) : [];
    await plan.dispose();
    // A difference below what the clock can tell is nothing, but no time is.
    if (enough) return times.map((time) => Math.max(1e-6, (time - base) / more));
  }
}

async function timesOf(plan: GpuPlan, arrays: ReturnType<typeof arraysOf>, effort: Effort): Promise<number[]> {
  // The first call compiles.
  await plan.run(arrays);
  const times: number[] = [];
  const end = performance.now() + effort.seconds * 1000;
  while (times.length < effort.samples || performance.now() < end) {
    const begin = performance.now();
    await plan.run(arrays);
    times.push(performance.now() - begin);
  }
  return times;
}

function rowOf({ backend, device }: Mode, { operation, shape, flops }: GpuKernelCase, samples: number[]): GpuKernelRow {
  const timing = summarise(samples);
  const gflops = flops / timing.medianMs / 1e6;
  return { id: `${operation} ${shape}, ${backend}`, operation, shape, backend, device, ...timing, gflops };
}
