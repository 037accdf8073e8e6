import { UsageError } from '../../src/errors.ts';
import { bestSimdVariant, createKernels, ReferenceKernels, type Kernels } from '../../src/tensor/index.ts';
import { ceilingFor, measureBandwidth, measurePeak, type Bandwidth, type Peak } from '../peak/peak.ts';
import type { Row } from '../results.ts';
import { sampleRuns, summarise, warmUp, type Effort } from '../timing.ts';
import { VerificationError } from '../verification-error.ts';
import { findError, Operands, type BuiltCase, type FoundError, type Judgement, type KernelCase } from './case.ts';
import { KERNEL_CASES } from './cases.ts';
import { GPU_JS_MODES, gpuJsProduct, loadGpuJs } from './gpu-js.ts';
import { Judge } from './judge.ts';

/** One operation at one shape on one backend. */
export interface KernelRow extends Row {
  operation: string;
  shape: string;
  /** What really ran: `simd (relaxed)`. */
  backend: string;
  /** 10^9 operations a second. */
  gflops: number;
  /** 10^9 bytes a second, counting what must at least be read and written. */
  gbytes: number;
  /** Operations for each such byte. */
  intensity: number;
  /** Of the measured peak for this backend: fused multiply-adds for the relaxed build, multiplications and additions else. */
  fractionOfPeak: number;
  /** The largest error against float64, relative to the magnitudes that make up a number. */
  error: number;
}

/** What to measure. */
export interface KernelBenchOptions {
  /** Names of backends, or `all`: all that run here. */
  backend: string;
  /** Only operations and shapes with this text in their names. */
  only?: string;
  /** For each row. */
  effort: Effort;
  /** Leaves out what is large: for verification. */
  small?: boolean;
  /** Told before the first row how many there will be at most. */
  onStart?(rows: number): void;
  onRow?(row: KernelRow): void;
}

export interface KernelBenchResult {
  rows: KernelRow[];
  peak: Peak;
  bandwidth: Bandwidth;
  /** What was not measured, and why. */
  notes: string[];
}

/** A contestant for one case: laid out, and verified. */
interface Entry extends FoundError {
  backend: string;
  built: BuiltCase;
  dispose?: () => void;
}

/** In so many turns the time of a row is divided, so that what disturbs the machine disturbs all backends. */
const TURNS = 5;
/** Products beyond so many operations take gpu.js seconds. */
const SMALL_FLOPS = 1e8;

/**
 * Every operation at every shape on every backend: verified against float64, then timed in turns.
 * @throws VerificationError when a result is further from float64 than its contract allows
 */
export async function benchKernels(options: KernelBenchOptions): Promise<KernelBenchResult> {
  const { backend, effort, only = '', small = false } = options;
  const chosen = [...KERNEL_CASES.entries()].filter(
    ([, { operation, shape, large = false }]) => `${operation} ${shape}`.includes(only) && !(small && large),
  );
  if (chosen.length === 0) throw new UsageError(`--only: no operation or shape has "${only}" in its name.`);
  const peakMs = small ? 10 : undefined;
  const result: KernelBenchResult = {
    rows: [],
    peak: await measurePeak(1, peakMs),
    bandwidth: measureBandwidth(peakMs),
    notes: [],
  };
  const contestants = kernelsFor(backend, result.notes);
  const gpuJs = backend === 'all' ? await loadGpuJs() : undefined;
  if (backend === 'all' && !gpuJs) result.notes.push('gpu.js is not installed: its rows are left out.');
  options.onStart?.(chosen.length * contestants.length);
  const judge = new Judge();
  try {
    for (const [index, kernelCase] of chosen) {
      const judgement = await judge.judge(index);
      const entries = contestants
        .filter((kernels) => !(kernelCase.large && kernels instanceof ReferenceKernels))
        .map((kernels) => enter(kernelCase, kernels, judgement));
      if (
        gpuJs &&
        kernelCase.operation === 'matmul' &&
        !kernelCase.large &&
        !(small && kernelCase.flops > SMALL_FLOPS)
      ) {
        for (const mode of GPU_JS_MODES) entries.push(enterGpuJs(kernelCase, gpuJs, mode, judgement));
      }
      for (const row of race(kernelCase, entries, effort, small ? 1 : TURNS, result.peak)) {
        result.rows.push(row);
        options.onRow?.(row);
      }
    }
  } finally {
    await judge.close();
  }
  return result;
}

function kernelsFor(backend: string, notes: string[]): Kernels[] {
  if (backend !== 'all') return [createKernels(backend)];
  const best = bestSimdVariant();
  if (best !== 'relaxed') notes.push('This JavaScript engine has no relaxed SIMD: its rows are left out.');
  if (best === undefined) notes.push('This JavaScript engine has no SIMD at all.');
  const names = [
    ...(best === 'relaxed' ? ['simd-relaxed'] : []),
    ...(best === undefined ? [] : ['simd-plain']),
    'reference',
  ];
  return names.map((name) => createKernels(name));
}

function enter(kernelCase: KernelCase, kernels: Kernels, judgement: Judgement): Entry {
  const built = kernelCase.build(new Operands(kernels));
  const returned = built.run();
  return verified({ backend: kernels.name, built, ...findError(built, returned, judgement) }, kernelCase);
}

function enterGpuJs(
  kernelCase: KernelCase,
  gpuJs: NonNullable<Awaited<ReturnType<typeof loadGpuJs>>>,
  mode: (typeof GPU_JS_MODES)[number],
  judgement: Judgement,
): Entry {
  const operands = new Operands(createKernels('reference'));
  const { name, collect, dispose, ...built } = gpuJsProduct(
    gpuJs,
    mode,
    operands,
    kernelCase.shape.split('x').map(Number),
  );
  collect();
  return verified({ backend: name, built, dispose, ...findError(built, undefined, judgement) }, kernelCase);
}

function verified(entry: Entry, { operation, shape }: KernelCase): Entry {
  if (entry.ofAllowed <= 1) return entry;
  throw new VerificationError(
    `${operation} ${shape} on ${entry.backend} is wrong: its error is ${entry.error.toExponential(2)}, ` +
      `${entry.ofAllowed.toPrecision(3)} times what its contract allows. It was not timed.`,
  );
}

function race(kernelCase: KernelCase, entries: Entry[], effort: Effort, turns: number, peak: Peak): KernelRow[] {
  const samples = entries.map((): number[] => []);
  const turn = { seconds: effort.seconds / turns, samples: Math.ceil(effort.samples / turns) };
  for (const { built } of entries) warmUp(built, turn);
  for (let round = 0; round < turns; round++) {
    entries.forEach(({ built }, index) => samples[index].push(...sampleRuns(built, turn)));
  }
  return entries.map(({ backend, error, dispose }, index) => {
    dispose?.();
    const { operation, shape, flops, bytes } = kernelCase;
    const timing = summarise(samples[index]);
    const perSecond = 1e-6 / timing.medianMs;
    const gflops = flops * perSecond;
    return {
      id: `${operation} ${shape}, ${backend}`,
      operation,
      shape,
      backend,
      ...timing,
      gflops,
      gbytes: bytes * perSecond,
      intensity: flops / bytes,
      fractionOfPeak: gflops / ceilingFor(peak, backend),
      error,
    };
  });
}
