import { createWorkloadEngine, type EngineRequest, type WorkloadEngine } from './engine.ts';
import { ceilingFor, measurePeak, type Peak } from './peak/peak.ts';
import type { Row } from './results.ts';
import { summarise, type Effort } from './timing.ts';
import { VerificationError } from './verification-error.ts';
import {
  createWorkload,
  flopsPerStep,
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
  /** Of what so many threads were measured to give: fused for the relaxed build, multiplications and additions else. */
  fractionOfPeak: number;
  peakGflops: number;
  /** Sequences' steps a second. */
  notesPerSecond: number;
  /** The losses at `lossSteps`, before the update: of the reference workload those of REFERENCE_LOSSES. */
  losses: number[];
  lossSteps: number[];
}

export interface TrainBenchOptions extends EngineRequest {
  shape: WorkloadShape;
  /** Measure exactly so many steps, whatever `effort` says. */
  steps?: number;
  effort: Effort;
  /** Measured anew unless given; of as many threads as will run. */
  peak?: Peak;
}

/** Which losses are kept of a workload that is not the reference: steps that even a large one gets to. */
const FIRST_STEPS = [1, 2, 3];

/**
 * Verifies the engine by the reference run, then times training steps.
 * @throws VerificationError when the losses of the reference run are not the known ones; nothing is timed then
 */
export async function benchTrain(options: TrainBenchOptions): Promise<TrainRow> {
  const { shape, steps } = options;
  const isReference = sameShape(shape, REFERENCE);
  if (!isReference) await verifyEngine(options);
  const workload = createWorkload(shape);
  const under = await createWorkloadEngine(workload, options);
  try {
    const { backend, threads } = under;
    const known = isReference ? REFERENCE_LOSSES.map(([step]) => step) : FIRST_STEPS;
    const losses = await firstLosses(under, known);
    if (isReference) assertReferenceLosses(under.engine.name, losses);
    const effort = steps === undefined ? options.effort : { seconds: 0, samples: steps };
    const timing = summarise(await sampleSteps(under, effort));
    const peak = options.peak ?? (await measurePeak(threads));
    const gflops = flopsPerStep(shape) / timing.medianMs / 1e6;
    const ceiling = ceilingFor(peak, backend);
    return {
      id: `training step, ${shapeInWords(shape)}, ${under.engine.name}`,
      ...timing,
      backend,
      threads,
      gflops,
      fractionOfPeak: gflops / ceiling,
      peakGflops: ceiling,
      notesPerSecond: (shape.batchSize * shape.seqLength * 1000) / timing.medianMs,
      losses,
      lossSteps: known,
      ...shape,
    };
  } finally {
    await under.engine.dispose();
  }
}

/**
 * Trains the reference workload for 20 steps and compares the losses with the known ones.
 * @throws VerificationError
 */
export async function verifyEngine(request: EngineRequest): Promise<string> {
  const under = await createWorkloadEngine(createWorkload(REFERENCE), request);
  try {
    const losses = await firstLosses(under, REFERENCE_LOSSES.map(([step]) => step)); // prettier-ignore
    assertReferenceLosses(under.engine.name, losses);
    return under.engine.name;
  } finally {
    await under.engine.dispose();
  }
}

/** Trains as far as the last of `steps` and returns the losses at them. */
async function firstLosses(under: WorkloadEngine, steps: readonly number[]): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 1; step <= steps.at(-1)!; step++) {
    const loss = await under.step();
    if (steps.includes(step)) losses.push(loss);
  }
  return losses;
}

function assertReferenceLosses(engine: string, losses: readonly number[]): void {
  REFERENCE_LOSSES.forEach(([step, expected], index) => {
    if (Math.abs(losses[index] - expected) <= LOSS_TOLERANCE) return;
    throw new VerificationError(
      `${engine} is wrong: at step ${step} of the reference run its loss is ${losses[index]}, not ${expected}. It was not timed.`,
    );
  });
}

/** The milliseconds of each step. The steps before have warmed it up. */
async function sampleSteps(under: WorkloadEngine, { seconds, samples }: Effort): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (times.length < samples || performance.now() < end) {
    const begin = performance.now();
    await under.step();
    times.push(performance.now() - begin);
  }
  return times;
}

/** `batch 64, T 25, H 128`. */
export function shapeInWords({ batchSize, seqLength, hiddenSize, layers }: WorkloadShape): string {
  return `batch ${batchSize}, T ${seqLength}, H ${hiddenSize}${layers > 1 ? `, ${layers} layers` : ''}`;
}

function sameShape(a: WorkloadShape, b: WorkloadShape): boolean {
  return (Object.keys(b) as (keyof WorkloadShape)[]).every((key) => a[key] === b[key]);
}
