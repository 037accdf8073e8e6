import { evenlySpaced } from '../evenly.ts';
import type { Batch } from './batch.ts';
import type { WindowDataset } from './dataset.ts';
import type { Engine } from './engine.ts';

/** How many windows an evaluation runs at once; engines lay out their buffers for it. */
export const EVALUATION_BATCH = 64;

/**
 * The mean loss of each head over the windows of `data`, each asked for the step after the window, whatever the model was
 * trained on: so that models trained on the last step and on every step can be compared.
 *
 * @param atMost looks at no more windows than this, evenly spaced; all of them unless given
 */
export async function evaluateDataset(engine: Engine, data: WindowDataset, atMost = Infinity): Promise<number[]> {
  const windows = evenlySpaced(data.size, Math.min(atMost, data.size));
  const sums = engine.spec.heads.map(() => 0);
  const atOnce = EVALUATION_BATCH * (engine.evaluateBatches ? (engine.preferredEvaluations ?? 1) : 1);
  for (let from = 0; from < windows.length; from += atOnce) {
    const batches = batchesOf(data, windows, from, Math.min(from + atOnce, windows.length));
    const losses = engine.evaluateBatches ? await engine.evaluateBatches(batches) : [await engine.evaluate(batches[0])];
    batches.forEach(({ size }, index) => {
      losses[index].forEach((loss, head) => (sums[head] += loss * size));
    });
  }
  return sums.map((sum) => sum / windows.length);
}

/** The windows number `from` up to, not including, `to`, in batches of EVALUATION_BATCH and what is left over. */
function batchesOf(data: WindowDataset, windows: Float64Array, from: number, to: number): Batch[] {
  const batches: Batch[] = [];
  for (; from < to; from += EVALUATION_BATCH) {
    const batch = data.createBatch(Math.min(EVALUATION_BATCH, to - from), 'last');
    data.fill(batch, windows, from);
    batches.push(batch);
  }
  return batches;
}
