import { describe, expect, it } from 'vitest';

import type { Batch } from '../../src/nn/batch.ts';
import { WindowDataset } from '../../src/nn/dataset.ts';
import type { Engine } from '../../src/nn/engine.ts';
import { EVALUATION_BATCH, evaluateDataset } from '../../src/nn/evaluate.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { toyEngine, toySequence, TOY_SPEC, TOY_STEPS } from '../support/toy-model.ts';
import { uploadsOf } from './gpu/uploads.ts';
import { gpuEngine } from './gpu/engines.ts';

const WINDOWS = 2 * EVALUATION_BATCH + 10;
const data = new WindowDataset(TOY_SPEC, [toySequence(WINDOWS + TOY_STEPS)], TOY_STEPS);

describe('evaluateDataset', () => {
  it('takes the mean over all windows, those of the last, smaller batch too', async () => {
    const engine = await toyEngine();
    const losses = await evaluateDataset(engine, data);
    const all = data.createBatch(data.size, 'last');
    data.fill(
      all,
      Float64Array.from({ length: data.size }, (_, window) => window),
      0,
    );
    expect(data.size).toBe(WINDOWS);
    (await engine.evaluate(all)).forEach((loss, head) => {
      expect(losses[head]).toBeCloseTo(loss, 5);
    });
    await engine.dispose();
  });

  it('hands an engine as many batches at once as it likes, and sums up the same', async () => {
    const engine = await toyEngine();
    const given: number[][] = [];
    const several: Engine = Object.assign(Object.create(engine) as Engine, {
      spec: engine.spec,
      preferredEvaluations: 2,
      evaluate: () => Promise.reject(new Error('not one by one')),
      evaluateBatches: async (list: readonly Batch[]) => {
        given.push(list.map(({ size }) => size));
        const losses: number[][] = [];
        for (const batch of list) losses.push(await engine.evaluate(batch));
        return losses;
      },
    });
    expect(await evaluateDataset(several, data)).toEqual(await evaluateDataset(engine, data));
    expect(given).toEqual([[EVALUATION_BATCH, EVALUATION_BATCH], [10]]);
    await engine.dispose();
  });

  it('sends the weights to gpu.js once, and gives the bits that batch by batch gives', async () => {
    const spec: ModelSpec = { ...TOY_SPEC, lstm: { layers: 1, hiddenSize: 3, dropout: 0 } };
    const data = new WindowDataset(spec, [toySequence(WINDOWS + 2)], 2);
    const engines = [1, 3].map((planEvaluations) => gpuEngine('webasm', spec, { steps: 2, planEvaluations }));
    const [single, together] = await Promise.all(engines);
    let losses: number[] = [];
    expect(await uploadsOf('webasm', spec, async () => { losses = await evaluateDataset(single, data); })).toBe(3); // prettier-ignore
    const expected = losses;
    expect(await uploadsOf('webasm', spec, async () => { losses = await evaluateDataset(together, data); })).toBe(1); // prettier-ignore
    expect(losses).toEqual(expected);
    await Promise.all([single.dispose(), together.dispose()]);
  });
});
