import { describe, expect, it } from 'vitest';
import { WindowDataset, type ModelSpec } from '../../src/nn/index.ts';
import { HighLossWatch } from '../../src/nn/high-loss.ts';
import { TOY_SPEC, toySequence, TOY_STEPS } from '../support/toy-model.ts';

const data = new WindowDataset(TOY_SPEC, [toySequence(60)], TOY_STEPS);
// Gaps of 0.1 · (1 3 5 2 4 4): their mean square is 0.71 / 6. The notes have 5 classes; the pressure is 10.
const NOTHING = Math.log(5) + 0.5 * (0.71 / 6);
const LIMIT = 2 * NOTHING + 1 + 0.5 * 11;

const watch = (spec: ModelSpec = TOY_SPEC): HighLossWatch => new HighLossWatch(spec, data);

describe('a loss that is far above that of knowing nothing', () => {
  it('is so at twice that and a margin, and ends a training after ten steps in a row', () => {
    const high = watch();
    for (let step = 0; step < 100; step++) expect(high.step(LIMIT - 1e-6, [LIMIT, 0])).toBeUndefined();
    expect(high.isHigh).toBe(false);
    for (let step = 0; step < 9; step++) expect(high.step(LIMIT + 1e-6, [LIMIT, 0])).toBeUndefined();
    expect(high.isHigh).toBe(true);
    const error = high.step(1234, [0.1, 2468])!;
    expect(error.message).toBe(
      `For 10 steps the loss has been above ${LIMIT.toPrecision(3)}, far above the ${NOTHING.toPrecision(3)} of knowing ` +
        'nothing; it is 1.23e+3, most of it of heads.gap.',
    );
    expect(error.place).toEqual({ stage: 'loss', layer: 'heads.gap' });
  });

  it('is forgotten after one step that is not high: a few batches of unusual music are no divergence', () => {
    const high = watch();
    for (let step = 0; step < 500; step++) {
      const loss = step % 10 === 9 ? 1 : 1e6;
      expect(high.step(loss, [loss, 0])).toBeUndefined();
    }
  });

  it('ends an epoch of a few steps where its mean and the validation are as high', () => {
    const high = watch();
    const others = { loss: 1e3, data };
    for (let step = 0; step < 3; step++) {
      expect(high.end(1e3, others)).toBeUndefined();
      high.step(1e3, [1e3, 0]);
    }
    expect(high.end(1, others)).toBeUndefined();
    // What is learned by heart goes with a high loss on other music.
    expect(high.end(1e3, { ...others, loss: 1 })).toBeUndefined();
    expect(high.end(1e3, others)).toBeDefined();
    expect(high.end(1e3)).toBeDefined();
  });

  it('is none where no head counts', () => {
    const heads = TOY_SPEC.heads.map((head) => ({ ...head, lossWeight: 0 }));
    const high = watch({ ...TOY_SPEC, heads });
    for (let step = 0; step < 50; step++) expect(high.step(0, [1, 1])).toBeUndefined();
  });
});
