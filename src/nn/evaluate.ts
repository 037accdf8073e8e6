import { evenlySpaced } from '../evenly.ts';
import type { Batch } from './batch.ts';
import { assertCarries } from './carried-state.ts';
import type { Dataset } from './dataset.ts';
import type { Engine } from './engine.ts';
import { rowsOf } from './row-weights.ts';
import type { ModelSpec } from './spec.ts';

/** How many windows an evaluation runs at once; engines lay out their buffers for it. */
export const EVALUATION_BATCH = 64;

/**
 * The mean loss of each head over the windows of `data`, each asked for the step after the window unless the model is to be
 * evaluated on every step: models trained on the last step and on every step can be compared. Of streams whole pieces are judged,
 * each from its beginning, with the state carried over its windows.
 *
 * @param atMost looks at no more windows than this, evenly spaced; all of them unless given. Of streams these are whole pieces
 *   that have about so many windows, and one at least
 */
export async function evaluateDataset(engine: Engine, data: Dataset, atMost = Infinity): Promise<number[]> {
  const mean = new MeanLosses(engine.spec);
  if (data.streams) {
    for await (const [batch, losses] of judgedStreams(engine, data, atMost)) mean.add(batch, losses);
    return mean.losses;
  }
  const windows = evenlySpaced(data.size, Math.min(atMost, data.size));
  const atOnce = EVALUATION_BATCH * (engine.evaluateBatches ? (engine.preferredEvaluations ?? 1) : 1);
  for (let from = 0; from < windows.length; from += atOnce) {
    const batches = batchesOf(engine.spec, data, windows, from, Math.min(from + atOnce, windows.length));
    const losses = engine.evaluateBatches ? await engine.evaluateBatches(batches) : [await engine.evaluate(batches[0])];
    batches.forEach((batch, index) => {
      mean.add(batch, losses[index]);
    });
  }
  return mean.losses;
}

/** The mean of the losses of batches, by what each was asked for. */
class MeanLosses {
  readonly #spec: ModelSpec;
  readonly #sums: number[];
  readonly #counts: number[];

  constructor(spec: ModelSpec) {
    this.#spec = spec;
    this.#sums = spec.heads.map(() => 0);
    this.#counts = spec.heads.map(() => 0);
  }

  add(batch: Batch, losses: readonly number[]): void {
    const rows = rowsOf(this.#spec, batch);
    losses.forEach((loss, head) => {
      this.#sums[head] += loss * rows[head];
      this.#counts[head] += rows[head];
    });
  }

  get losses(): number[] {
    return this.#sums.map((sum, head) => sum / this.#counts[head]);
  }
}

/** One batch of streams after the other, with its losses. */
async function* judgedStreams(engine: Engine, data: Dataset, atMost: number): AsyncGenerator<[Batch, number[]]> {
  assertCarries(engine);
  const rows = Math.min(EVALUATION_BATCH, data.streams!.rows);
  const order = data.streams!.toJudge(rows, atMost);
  const batch = data.createBatch(rows, engine.spec.evaluateOn ?? 'last');
  for (let from = 0; from < order.length; from += rows) {
    data.fill(batch, order, from);
    yield [batch, await engine.evaluate(batch)];
  }
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
