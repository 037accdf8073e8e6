import { messageOf } from '../../src/errors.ts';
import { openGpu, type GpuDevice } from '../../src/nn/gpu/index.ts';
import { createKernels, GpuLimitError, type GpuBackend } from '../../src/tensor/index.ts';
import type { GpuPlan, Handle } from '../../src/tensor/gpu/plan.ts';
import type { Mode } from '../modes.ts';
import type { Row } from '../results.ts';
import { isEnough, median, sampleRuns, summarise, warmUp, type Effort } from '../timing.ts';
import { TooSlowError } from '../too-slow-error.ts';
import { VerificationError } from '../verification-error.ts';
import type { Watcher } from '../watcher.ts';
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

export interface GpuKernelOptions extends Watcher<GpuKernelRow> {
  modes: readonly Mode[];
  shape: WorkloadShape;
  effort: Effort;
  /** A kernel that would take longer in a mode, by those before it, is left out. @default 10 s */
  longestMs?: number;
}

const ROUNDING = 2 ** -24;
/** So many numbers of an output are judged. */
const JUDGED = 400;
/** A launch is timed as the difference between a plan with one and a plan with more: so many more that it lasts so long, and half of the one. */
const DIFFERENCE_MS = 4;
const MOST_LAUNCHES = 256;
/** Where the processor computes, nothing is sent: a launch that lasts so long is timed as it is. */
const PLAIN_MS = 20;
const LONGEST_MS = 10_000;

/**
 * The kernels of a training step in every mode that runs here, those of gpu.js verified against double precision before they
 * are timed. What goes up and comes back is not counted: that is part of the training step.
 */
export async function benchGpuKernels(options: GpuKernelOptions): Promise<{ rows: GpuKernelRow[]; notes: string[] }> {
  const rows: GpuKernelRow[] = [];
  const notes: string[] = [];
  const { effort, longestMs = LONGEST_MS } = options;
  const cases = gpuKernelCases(options.shape);
  let contestants = options.modes.filter(({ missing }) => missing === undefined).map((mode) => new Contestant(mode));
  try {
    for (const kernelCase of cases) {
      for (const contestant of contestants) {
        options.onBegin?.(`${kernelCase.operation} ${kernelCase.shape} on ${contestant.mode.backend}`);
        try {
          const row = await contestant.measure(kernelCase, effort, longestMs);
          rows.push(row);
          options.onRow?.(row);
        } catch (error) {
          if (!OUT.some((kind) => error instanceof kind)) throw error;
          notes.push(`Kernels not measured: ${contestant.mode.backend}: ${messageOf(error)}`);
          // What is wrong is not to be trusted with the next kernel, but what is slow may be quick enough for it.
          if (error instanceof TooSlowError) continue;
          contestants = contestants.filter((other) => other !== contestant);
          await contestant.dispose();
        }
      }
    }
  } finally {
    for (const contestant of contestants) await contestant.dispose();
  }
  return { rows, notes };
}

/** Why a mode does not go on. */
const OUT = [VerificationError, GpuLimitError, TooSlowError];

/** A mode, and what it holds from kernel to kernel. */
class Contestant {
  readonly mode: Mode;
  #device: GpuDevice | undefined;
  /** The slowest rate so far. */
  #msPerFlop = 0;

  constructor(mode: Mode) {
    this.mode = mode;
  }

  /** @throws VerificationError, GpuLimitError or TooSlowError */
  async measure(kernelCase: GpuKernelCase, effort: Effort, longestMs: number): Promise<GpuKernelRow> {
    const { backend } = this.mode;
    const { operation, shape, flops } = kernelCase;
    const expected = flops * this.#msPerFlop;
    if (expected > longestMs) {
      throw new TooSlowError(`${operation} ${shape} would take about ${Math.round(expected / 1000)} s each time`);
    }
    const row = backend.startsWith('gpu-')
      ? await this.#ofGpuJs(backend as GpuBackend, kernelCase, effort)
      : this.#ofOurs(kernelCase, effort);
    if (flops > 0) this.#msPerFlop = Math.max(this.#msPerFlop, row.medianMs / flops);
    return row;
  }

  async dispose(): Promise<void> {
    await this.#device?.dispose();
  }

  #ofOurs(kernelCase: GpuKernelCase, effort: Effort): GpuKernelRow {
    const timed = { run: kernelCase.ours(createKernels(this.mode.backend)) };
    warmUp(timed, { seconds: effort.seconds / 4, samples: 1 });
    return rowOf(this.mode, kernelCase, sampleRuns(timed, effort));
  }

  async #ofGpuJs(backend: GpuBackend, kernelCase: GpuKernelCase, effort: Effort): Promise<GpuKernelRow> {
    this.#device ??= await openGpu(backend);
    const one = planOf(this.#device, kernelCase, 1);
    try {
      const roundings = await verify(this.#device, one, kernelCase);
      const base = await timesOf(one, arraysOf(kernelCase), { ...effort, seconds: effort.seconds / 4 });
      const plain = this.mode.software && median(base) >= PLAIN_MS;
      const samples = plain ? base : await sampleLaunches(this.#device, kernelCase, median(base), effort);
      return { ...rowOf(this.mode, kernelCase, samples), roundings };
    } finally {
      await one.dispose();
    }
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
async function verify(device: GpuDevice, plan: GpuPlan, kernelCase: GpuKernelCase): Promise<number> {
  const { operation, shape, units, exact, output } = kernelCase;
  // The first call of a plan compiles it: those that follow can be timed.
  const [data] = await plan.run(arraysOf(kernelCase));
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

/** The milliseconds of one launch, from a plan with more of them than the one, which takes `base` milliseconds. */
async function sampleLaunches(
  device: GpuDevice,
  kernelCase: GpuKernelCase,
  base: number,
  effort: Effort,
): Promise<number[]> {
  const arrays = arraysOf(kernelCase);
  for (let more = 1; ; more *= 4) {
    const plan = planOf(device, kernelCase, 1 + more);
    // The first call compiles.
    await plan.run(arrays);
    const [probe] = await timesOf(plan, arrays, { seconds: 0, samples: 1 });
    const enough = probe - base >= Math.max(DIFFERENCE_MS, base / 2) || more >= MOST_LAUNCHES;
    const times = enough ? await timesOf(plan, arrays, effort) : [];
    await plan.dispose();
    // A difference below what the clock can tell is nothing, but no time is.
    if (enough) return times.map((time) => Math.max(1e-6, (time - base) / more));
  }
}

async function timesOf(plan: GpuPlan, arrays: ReturnType<typeof arraysOf>, effort: Effort): Promise<number[]> {
  const times: number[] = [];
  const start = performance.now();
  while (!isEnough(times.length, start, effort)) {
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
