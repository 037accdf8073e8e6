import type { CrossoverPoint } from '../src/nn/gpu/knowledge.ts';
import { createWorkloadEngine, type EngineRequest } from './engine.ts';
import type { Row } from './results.ts';
import { isEnough, summarise, type Effort, type Timing } from './timing.ts';
import { verifyEngine } from './train.ts';
import type { Watcher } from './watcher.ts';
import { createWorkload, type WorkloadShape } from './workload.ts';

/** A training step on the GPU and with SIMD, at one size; the times of the row are the GPU's. */
export interface CrossoverRow extends Row, WorkloadShape {
  simdMs: number;
  gpuMs: number;
}

/** The sizes among which it is looked. */
export const HIDDEN_SIZES = [32, 64, 128, 256, 512, 1024];
export const BATCH_SIZES = [8, 16, 32, 64, 128, 256];

/**
 * For each batch size the least number of hidden units with which the GPU wins, left out where none does. A larger model and
 * a larger batch only help a GPU; so each batch size begins where the one before ended, and no more sizes are measured than
 * there are of both together.
 *
 * @param hiddenSizes ascending, as `batchSizes`
 */
export async function findFrontier(
  hiddenSizes: readonly number[],
  batchSizes: readonly number[],
  wins: (size: CrossoverPoint) => Promise<boolean>,
): Promise<CrossoverPoint[]> {
  const frontier: CrossoverPoint[] = [];
  let candidate = hiddenSizes.length - 1;
  for (const batchSize of batchSizes) {
    while (candidate >= 0 && (await wins({ batchSize, hiddenSize: hiddenSizes[candidate] }))) candidate--;
    if (candidate < hiddenSizes.length - 1) frontier.push({ batchSize, hiddenSize: hiddenSizes[candidate + 1] });
  }
  return frontier;
}

export interface CrossoverOptions extends Watcher<CrossoverRow> {
  gpu: EngineRequest;
  layers: number;
  seqLength: number;
  effort: Effort;
  /** Ascending; HIDDEN_SIZES and BATCH_SIZES unless given. */
  hiddenSizes?: readonly number[];
  batchSizes?: readonly number[];
}

/**
 * Finds from where on the GPU trains faster than the SIMD kernels on all threads.
 * @throws VerificationError when either is wrong
 */
export async function benchCrossover(
  options: CrossoverOptions,
): Promise<{ rows: CrossoverRow[]; frontier: CrossoverPoint[]; engine: string }> {
  const { gpu, layers, seqLength, effort, hiddenSizes = HIDDEN_SIZES, batchSizes = BATCH_SIZES } = options;
  const simd: EngineRequest = { backend: 'simd', threads: 'auto' };
  options.onStage?.('Verifying simd by the losses of the reference run');
  await verifyEngine(simd);
  options.onStage?.(`Verifying ${gpu.backend} by the losses of the reference run`);
  const { name: engine } = await verifyEngine(gpu);
  const rows: CrossoverRow[] = [];
  const frontier = await findFrontier(hiddenSizes, batchSizes, async (size) => {
    if (isHopeless(rows.at(-1))) return false;
    options.onBegin?.(`batch ${size.batchSize}, ${size.hiddenSize} units`);
    const shape = { ...size, layers, seqLength };
    const [ours, theirs] = [await timeStep(shape, simd, effort), await timeStep(shape, gpu, effort)];
    const id = `crossover, batch ${size.batchSize}, H ${size.hiddenSize}`;
    const row = { id, ...theirs, ...shape, simdMs: ours.medianMs, gpuMs: theirs.medianMs };
    rows.push(row);
    options.onRow?.(row);
    return row.gpuMs < row.simdMs;
  });
  return { rows, frontier, engine };
}

/** A program in the place of a GPU takes minutes for what comes next, and has lost beyond hope. */
function isHopeless(last: CrossoverRow | undefined): boolean {
  return last !== undefined && last.gpuMs > 2000 && last.gpuMs > 20 * last.simdMs;
}

async function timeStep(shape: WorkloadShape, request: EngineRequest, effort: Effort): Promise<Timing> {
  const under = await createWorkloadEngine(createWorkload(shape), request);
  const call = async (): Promise<unknown> => (under.stepsAtOnce === 1 ? under.step() : under.steps(under.stepsAtOnce));
  try {
    // The first call compiles.
    await call();
    const times: number[] = [];
    const start = performance.now();
    while (!isEnough(times.length, start, effort)) {
      const begin = performance.now();
      await call();
      times.push((performance.now() - begin) / under.stepsAtOnce);
    }
    return summarise(times);
  } finally {
    await under.engine.dispose();
  }
}
