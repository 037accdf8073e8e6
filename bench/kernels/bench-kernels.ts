import { setTimeout } from 'node:timers/promises';
import { UsageError } from '../../src/errors.ts';
import { createKernels, wideObstacle } from '../../src/tensor/index.ts';
import { ownBackends } from '../modes.ts';
import { ceilingFor, measureBandwidth, measurePeak, type Bandwidth, type Peak } from '../peak/peak.ts';
import type { Row } from '../results.ts';
import { summarise, type Effort } from '../timing.ts';
import { VerificationError } from '../verification-error.ts';
import type { Watcher } from '../watcher.ts';
import { findError, type Judgement, type KernelCase } from './case.ts';
import { KERNEL_CASES } from './cases.ts';
import { Contestant } from './contestant.ts';
import { findGpuJs, GPU_JS_MODES } from './gpu-js.ts';
import type { WorkerRole } from './work.ts';

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
  /** Of the measured peak for this backend: see `ceilingFor`. */
  fractionOfPeak: number;
  /** The largest error against float64, relative to the magnitudes that make up a number. */
  error: number;
}

/** What to measure. */
export interface KernelBenchOptions extends Watcher<KernelRow> {
  /** Names of backends, or `all`: all that run here. */
  backend: string;
  /** Only operations and shapes with this text in their names. */
  only?: string;
  /** For each row. */
  effort: Effort;
  /** Leaves out what is large: for verification. */
  small?: boolean;
}

export interface KernelBenchResult {
  rows: KernelRow[];
  peak: Peak;
  bandwidth: Bandwidth;
  /** What was not measured, and why. */
  notes: string[];
}

/** A contestant and how it did at one case. */
interface Entry {
  contestant: Contestant;
  backend: string;
  error: number;
}

/** Longer than src/tensor/simd/join.ts leaves V8's flag set. */
const FLAG_MS = 2_500;
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
  const notes: string[] = [];
  const roles = rolesFor(backend, notes);
  options.onStage?.('Measuring the peak of a core and how fast it reads');
  const peak = await measurePeak(1, peakMs);
  const result: KernelBenchResult = { rows: [], peak, bandwidth: measureBandwidth(peakMs), notes };
  const judge = new Contestant({ kind: 'judge' });
  const contestants = roles.map((role) => ({ role, contestant: new Contestant(role) }));
  // V8 joins what any thread compiles until the wide build's flag is taken back; the narrow builds are to run as they do alone.
  if (!small && roles.length > 1) await setTimeout(FLAG_MS);
  const taking = (kernelCase: KernelCase) => contestants.filter(({ role }) => takesPart(role, kernelCase, small));
  try {
    for (const [place, [index, kernelCase]] of chosen.entries()) {
      options.onBegin?.(`${kernelCase.operation} ${kernelCase.shape} (${place + 1} of ${chosen.length})`);
      const judgement = await judge.judge(index);
      const entries: Entry[] = [];
      for (const { contestant } of taking(kernelCase)) entries.push(await enter(contestant, index, judgement));
      for (const row of await race(kernelCase, entries, effort, small ? 1 : TURNS, peak)) {
        result.rows.push(row);
        options.onRow?.(row);
      }
    }
  } finally {
    await Promise.all([judge, ...contestants.map(({ contestant }) => contestant)].map((thread) => thread.close()));
  }
  return result;
}

/** Who competes: the backend that is named, or all that run here and gpu.js. */
function rolesFor(backend: string, notes: string[]): WorkerRole[] {
  if (backend !== 'all') {
    // Refuses what does not run here before a thread is started.
    createKernels(backend);
    return [{ kind: 'kernels', backend }];
  }
  const backends = ownBackends();
  const obstacle = wideObstacle();
  if (obstacle !== undefined) notes.push(`The wide build is left out: ${obstacle}.`);
  if (!backends.includes('simd-relaxed'))
    notes.push('This JavaScript engine has no relaxed SIMD: its rows are left out.');
  if (!backends.includes('simd-plain')) notes.push('This JavaScript engine has no SIMD at all.');
  const url = findGpuJs();
  if (url === undefined) notes.push('gpu.js is not installed: its rows are left out.');
  return [
    ...backends.map((name) => ({ kind: 'kernels' as const, backend: name })),
    ...(url === undefined ? [] : GPU_JS_MODES.map((mode) => ({ kind: 'gpu.js' as const, mode, url }))),
  ];
}

function takesPart(role: WorkerRole, { operation, large = false, flops }: KernelCase, small: boolean): boolean {
  if (role.kind === 'gpu.js') return operation === 'matmul' && !large && !(small && flops > SMALL_FLOPS);
  return !(large && role.kind === 'kernels' && role.backend === 'reference');
}

/** @throws VerificationError when the contestant's result is further from float64 than is allowed */
async function enter(contestant: Contestant, index: number, judgement: Judgement): Promise<Entry> {
  const { operation, shape } = KERNEL_CASES[index];
  const { backend, outputs, returned } = await contestant.open(index);
  const { error, ofAllowed } = findError(outputs, returned, judgement);
  if (ofAllowed <= 1) return { contestant, backend, error };
  throw new VerificationError(
    `${operation} ${shape} on ${backend} is wrong: its error is ${error.toExponential(2)}, ` +
      `${ofAllowed.toPrecision(3)} times what its contract allows. It was not timed.`,
  );
}

async function race(
  kernelCase: KernelCase,
  entries: readonly Entry[],
  effort: Effort,
  turns: number,
  peak: Peak,
): Promise<KernelRow[]> {
  const samples = entries.map((): number[] => []);
  const turn = { seconds: effort.seconds / turns, samples: Math.ceil(effort.samples / turns) };
  for (const { contestant } of entries) await contestant.warmUp(turn);
  for (let round = 0; round < turns; round++) {
    for (const [index, { contestant }] of entries.entries()) samples[index].push(...(await contestant.sample(turn)));
  }
  return entries.map(({ backend, error }, index) => rowOf(kernelCase, backend, error, samples[index], peak));
}

function rowOf(
  { operation, shape, flops, bytes }: KernelCase,
  backend: string,
  error: number,
  samples: readonly number[],
  peak: Peak,
): KernelRow {
  const timing = summarise(samples);
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
}
