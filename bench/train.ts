import { createWorkloadEngine, partsOfName, type EngineRequest, type WorkloadEngine } from './engine.ts';
import { gpuCosts, type GpuCosts } from './gpu/costs.ts';
import { ceilingFor, ceilingInWords, measurePeak, type Peak } from './peak/peak.ts';
import { peakProbe, type PeakProbe } from './peak/probe.ts';
import type { Row } from './results.ts';
import { isEnough, median, summarise, type Effort } from './timing.ts';
import { TooSlowError } from './too-slow-error.ts';
import { VerificationError } from './verification-error.ts';
import type { Watcher } from './watcher.ts';
import {
  createWorkload,
  flopsPerStep,
  GPU_LOSS_TOLERANCE,
  LOSS_TOLERANCE,
  REFERENCE,
  REFERENCE_LOSSES,
  type WorkloadShape,
} from './workload.ts';

/** A training step, measured. */
export interface TrainRow extends Row, WorkloadShape {
  /** What really ran: `simd (relaxed)`. */
  backend: string;
  threads: number;
  /** 10^9 operations a second in the matrix products; see `flopsPerStep`. */
  gflops: number;
  /**
   * Of what so many threads were measured to give: the median over groups of steps, each beside what the cores gave just before
   * and after it. Not of gpu.js, whose peak nobody measured.
   */
  fractionOfPeak?: number;
  /** What that peak is of: `256-bit fused` for the wide build. */
  peakOf?: string;
  /** The most that was measured of it, in 10^9 operations a second. */
  peakGflops?: number;
  /** Of gpu.js: on what it ran, and what a step launches and moves. */
  gpu?: GpuCosts;
  /** Sequences' steps a second. */
  notesPerSecond: number;
  /** The losses at `lossSteps`, before the update: of the reference workload those of REFERENCE_LOSSES. */
  losses: number[];
  lossSteps: number[];
}

export interface TrainBenchOptions extends EngineRequest, Pick<Watcher<TrainRow>, 'onStage'> {
  shape: WorkloadShape;
  /** Measure exactly so many steps, whatever `effort` says. */
  steps?: number;
  effort: Effort;
  /** Measured anew unless given; of as many threads as will run. */
  peak?: Peak;
  /** Refuse to measure steps that would take more than so many seconds each, by what the reference run took. */
  longestStep?: number;
}

/** Which losses are kept of a workload that is not the reference: steps that even a large one gets to. */
export const FIRST_STEPS = [1, 2, 3];

/**
 * Verifies the engine by the reference run, then times training steps.
 * @throws VerificationError when the losses of the reference run are not the known ones; nothing is timed then
 * @throws TooSlowError when steps would take longer than `longestStep`
 */
export async function benchTrain(options: TrainBenchOptions): Promise<TrainRow> {
  const { shape, steps, onStage, backend: asked } = options;
  const isReference = sameShape(shape, REFERENCE);
  onStage?.(`Verifying ${asked} by the losses of the reference run`);
  if (!isReference) refuseSlow(options, (await verifyEngine(options)).stepMs);
  const workload = createWorkload(shape);
  const under = await createWorkloadEngine(workload, options);
  try {
    const known = isReference ? knownSteps(options) : FIRST_STEPS;
    if (!isReference) onStage?.(`Warming up ${asked}`);
    const losses = await firstLosses(under, known);
    if (isReference) assertReferenceLosses(under, known, losses);
    onStage?.(`Timing training steps of ${asked}`);
    const effort = steps === undefined ? options.effort : { seconds: 0, samples: steps };
    const probe = await probeFor(under, options);
    const { times, fractions } = await sampleSteps(under, effort, flopsPerStep(shape), probe);
    await probe?.close();
    const timing = summarise(times);
    // What ran is known by now: gpu.js says it after the first call.
    const { backend, threads } = partsOfName(under.engine.name);
    const gflops = flopsPerStep(shape) / timing.medianMs / 1e6;
    return {
      id: `training step, ${shapeInWords(shape)}, ${under.engine.name}`,
      ...timing,
      backend,
      threads,
      gflops,
      ...(under.gpu
        ? { gpu: gpuCosts(workload.spec, shape, under.engine) }
        : await ofPeak(options, backend, threads, gflops, fractions)),
      notesPerSecond: (shape.batchSize * shape.seqLength * 1000) / timing.medianMs,
      losses,
      lossSteps: known,
      ...shape,
    };
  } finally {
    await under.engine.dispose();
  }
}

async function ofPeak(
  options: TrainBenchOptions,
  backend: string,
  threads: number,
  gflops: number,
  fractions: readonly number[],
): Promise<Pick<TrainRow, 'fractionOfPeak' | 'peakOf' | 'peakGflops'>> {
  const peak = options.peak ?? (await measurePeak(threads));
  const ceiling = ceilingFor(peak, backend);
  return {
    fractionOfPeak: fractions.length > 0 ? median(fractions) : gflops / ceiling,
    peakOf: ceilingInWords(peak, backend),
    peakGflops: ceiling,
  };
}

/** @throws TooSlowError */
function refuseSlow({ backend, shape, longestStep = Infinity }: TrainBenchOptions, referenceMs: number): void {
  const seconds = (referenceMs / 1000) * (flopsPerStep(shape) / flopsPerStep(REFERENCE));
  if (seconds <= longestStep) return;
  throw new TooSlowError(
    `a step of this size would take about ${Math.round(seconds)} s; "etude bench train --backend ${backend}" waits for it`,
  );
}

/**
 * Trains the reference workload for 20 steps, or for fewer if asked to, and compares the losses with the known ones.
 * @returns the engine's name, and how long one of those steps took, the first aside where there are more
 * @throws VerificationError
 */
export async function verifyEngine(request: EngineRequest): Promise<{ name: string; stepMs: number }> {
  const under = await createWorkloadEngine(createWorkload(REFERENCE), request);
  try {
    const known = knownSteps(request);
    const steps: number[] = [];
    assertReferenceLosses(under, known, await firstLosses(under, known, (ms) => steps.push(ms)));
    // The first compiles.
    return { name: under.engine.name, stepMs: median(steps.length > 1 ? steps.slice(1) : steps) };
  } finally {
    await under.engine.dispose();
  }
}

/** The steps of the reference run whose losses are compared. */
function knownSteps({ verifySteps = Infinity }: EngineRequest): number[] {
  return REFERENCE_LOSSES.map(([step]) => step).filter((step) => step <= verifySteps);
}

/** Trains as far as the last of `known`, as many steps at once as will be timed, and returns the losses at them. */
async function firstLosses(
  under: WorkloadEngine,
  known: readonly number[],
  onStep?: (ms: number) => void,
): Promise<number[]> {
  const losses: number[] = [];
  while (losses.length < known.at(-1)!) {
    const begin = performance.now();
    losses.push(...(await takeSteps(under)));
    onStep?.((performance.now() - begin) / under.stepsAtOnce);
  }
  return known.map((step) => losses[step - 1]);
}

function assertReferenceLosses(under: WorkloadEngine, known: readonly number[], losses: readonly number[]): void {
  const tolerance = under.gpu ? GPU_LOSS_TOLERANCE : LOSS_TOLERANCE;
  const expected = new Map(REFERENCE_LOSSES);
  known.forEach((step, index) => {
    if (Math.abs(losses[index] - expected.get(step)!) <= tolerance) return;
    throw new VerificationError(
      `${under.engine.name} is wrong: at step ${step} of the reference run its loss is ${losses[index]}, not ${expected.get(step)}. It was not timed.`,
    );
  });
}

/** One call of the engine: a step, or as many as suit it. */
async function takeSteps({ stepsAtOnce, step, steps }: WorkloadEngine): Promise<number[]> {
  return stepsAtOnce === 1 ? [await step()] : steps(stepsAtOnce);
}

/** How long the core is looked at, and how long steps are taken between two looks. */
const PROBE_MS = 4;
const GROUP_MS = 80;

/** A look at what the cores give, where no peak was given. */
async function probeFor({ engine, gpu }: WorkloadEngine, { peak }: TrainBenchOptions): Promise<PeakProbe | undefined> {
  const { backend, threads } = partsOfName(engine.name);
  return gpu || peak ? undefined : peakProbe(backend, threads);
}

/**
 * The milliseconds of each step, of several taken at once their mean, and what groups of them reached of the peak around them.
 * The steps before have warmed it up.
 */
async function sampleSteps(
  under: WorkloadEngine,
  effort: Effort,
  flops: number,
  probe?: PeakProbe,
): Promise<{ times: number[]; fractions: number[] }> {
  const [times, fractions]: number[][] = [[], []];
  const start = performance.now();
  const enough = (): boolean => isEnough(times.length, start, effort);
  let before = await probe?.look(PROBE_MS);
  while (!enough()) {
    let [ms, steps] = [0, 0];
    do {
      const begin = performance.now();
      await takeSteps(under);
      const took = performance.now() - begin;
      times.push(took / under.stepsAtOnce);
      ms += took;
      steps += under.stepsAtOnce;
    } while (ms < GROUP_MS && !enough());
    const after = await probe?.look(PROBE_MS);
    if (before !== undefined && after !== undefined) {
      fractions.push((steps * flops) / ms / 1e6 / ((before + after) / 2));
    }
    before = after;
  }
  return { times, fractions };
}

/** `batch 64, T 25, H 128`. */
export function shapeInWords({ batchSize, seqLength, hiddenSize, layers }: WorkloadShape): string {
  return `batch ${batchSize}, T ${seqLength}, H ${hiddenSize}${layers > 1 ? `, ${layers} layers` : ''}`;
}

function sameShape(a: WorkloadShape, b: WorkloadShape): boolean {
  return (Object.keys(b) as (keyof WorkloadShape)[]).every((key) => a[key] === b[key]);
}
