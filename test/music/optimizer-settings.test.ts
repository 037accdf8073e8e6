import { describe, expect, it } from 'vitest';

import { optimizerFor } from '../../src/music/model-spec.ts';
import { resolveSettings } from '../../src/music/presets.ts';
import { checkTogether, overriding } from '../../src/music/settings.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { decodeCheckpoint, OPTIMIZER_DEFAULTS } from '../../src/nn/index.ts';
import { toySettings, toySongbook, trainToy } from '../support/toy-music.ts';

const { adam, adamw, sgd, rmsprop } = OPTIMIZER_DEFAULTS;

describe('the settings of an optimizer', () => {
  it.each([
    [{}, { ...adam, clipNorm: 1 }],
    [
      { clip: null, clipValue: 0.5 },
      { ...adam, clipValue: 0.5 },
    ],
    [{ optimizer: 'adamw' }, { ...adamw, weightDecay: 0.01, clipNorm: 1 }],
    [
      { optimizer: 'adamw', weightDecay: 0 },
      { ...adamw, weightDecay: 0, clipNorm: 1 },
    ],
    [{ optimizer: 'sgd' }, { ...sgd, clipNorm: 1 }],
    [
      { optimizer: 'sgd', momentum: 0.5 },
      { ...sgd, momentum: 0.5, clipNorm: 1 },
    ],
    [{ optimizer: 'nesterov' }, { ...sgd, momentum: 0.9, nesterov: true, clipNorm: 1 }],
    [{ optimizer: 'rmsprop' }, { ...rmsprop, clipNorm: 1 }],
    [{ freeze: 'lstm.0, heads' }, { ...adam, clipNorm: 1, freeze: ['lstm.0', 'heads'] }],
  ])('%j', (overrides, expected) => {
    const settings = resolveSettings('quick', overriding(overrides));
    expect(() => checkTogether(settings)).not.toThrow();
    expect(optimizerFor(settings)).toEqual({ clipValue: null, ...expected });
  });

  it.each([
    [{ momentum: 0.9 }, /--momentum: only the optimizers sgd and nesterov have one, not adam/],
    [{ optimizer: 'nesterov', momentum: 0 }, /--momentum: the optimizer nesterov needs one above 0/],
    [
      { optimizer: 'rmsprop', weightDecay: 0.1 },
      /--weight-decay: only the optimizer adamw decays weights, not rmsprop/,
    ],
  ])('that make no sense together are refused: %j', (overrides, message) => {
    expect(() => checkTogether(resolveSettings('quick', overriding(overrides)))).toThrow(message);
  });
});

describe('a run with all of them', () => {
  it('trains on as the settings say, and its checkpoint holds what that takes', async () => {
    const overrides = { hiddenSize: 8, epochs: 1, stepsPerEpoch: 3, batchSize: 8, accumulate: 2, ema: 0.9 };
    const settings = toySettings('quick', { ...overrides, optimizer: 'rmsprop', clipValue: 1e-3 });
    const { last } = await trainToy(prepareData(toySongbook(), settings), settings);
    const { training, parameters } = decodeCheckpoint(last);
    expect(Object.keys(training!.engine.optimizer)).toEqual(['rmsprop.square']);
    expect(training!.trainer.windows).toMatchObject({ batchSize: 8, accumulate: 2 });
    expect(training!.trainer.history[0].clipped).toBe(1);
    expect(parameters).not.toEqual(training!.engine.parameters);
  });
});
