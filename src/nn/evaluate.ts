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
  for (let from = 0; from < windows.length; from += EVALUATION_BATCH) {
    const count = Math.min(EVALUATION_BATCH, windows.length - from);
    const batch = data.createBatch(count, 'last');
    data.fill(batch, windows, from);
    const losses = await engine.evaluate(batch);
    losses.forEach((loss, head) => (sums[head] += loss * count));
  }
  return sums.map((sum) => sum / windows.length);
}

/** `count` of the numbers 0 to `size` - 1, as far apart as can be. */
export function evenlySpaced(size: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => Math.floor((index * size) / count));
}
