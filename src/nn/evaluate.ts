import { evenlySpaced } from '../evenly.ts';
import type { Batch } from './batch.ts';
import type { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';
import { rowsOf } from './row-weights.ts';
import type { ModelSpec } from './spec.ts';

/** How many windows an evaluation runs at once; engines lay out their buffers for it. */
export const EVALUATION_BATCH = 64;

/**
 * The mean loss of each head over the windows of `data`, each asked for the step after the window unless the model is to be
 * evaluated on every step: models trained on the last step and on every step can be compared.
 *
 * @param atMost looks at no more windows than this, evenly spaced; all of them unless given
 */
export async function evaluateDataset(engine: Engine, data: Dataset, atMost = Infinity): Promise<number[]> {
  const windows = evenlySpaced(data.size, Math.min(atMost, data.size));
  const sums = engine.spec.heads.map(() => 0);
  const counts = engine.spec.heads.map(() => 0);
  const atOnce = EVALUATION_BATCH * (engine.evaluateBatches ? (engine.preferredEvaluations ?? 1) : 1);
  for (let from = 0; from < windows.length; from += atOnce) {
    const batches = batchesOf(engine.spec, data, windows, from, Math.min(from + atOnce, windows.length));
    const losses = engine.evaluateBatches ? await engine.evaluateBatches(batches) : [await engine.evaluate(batches[0])];
    batches.forEach((batch, index) => {
      const rows = rowsOf(engine.spec, batch);
      losses[index].forEach((loss, head) => {
        sums[head] += loss * rows[head];
        counts[head] += rows[head];
      });
    });
  }
  return sums.map((sum, head) => sum / counts[head]);
}

/** The windows number `from` up to, not including, `to`, in batches of EVALUATION_BATCH and what is left over. */
function batchesOf(
  { evaluateOn = 'last' }: ModelSpec,
  data: Dataset,
  windows: Float64Array,
  from: number,
  to: number,
): Batch[] {
  const batches: Batch[] = [];
  for (; from < to; from += EVALUATION_BATCH) {
    const batch = data.createBatch(Math.min(EVALUATION_BATCH, to - from), evaluateOn);
    data.fill(batch, windows, from);
    batches.push(batch);
  }
  return batches;
}
