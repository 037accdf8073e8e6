import { describe, expect, it } from 'vitest';
import { gradientByLag, lagBelow } from '../../../src/music/study/gradient.ts';
import { gradientThroughTime, parameterSpecs, ProbedModel, recordSequence, type NamedArrays } from '../../../src/nn/index.ts'; // prettier-ignore
import { createKernels, Random } from '../../../src/tensor/index.ts';
import { TOY_SPEC, toySequence } from '../../support/toy-model.ts';

const random = Random.stream(8, 'weights');
const parameters: NamedArrays = Object.fromEntries(
  parameterSpecs(TOY_SPEC).map(({ name, shape }) => {
    return [name, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.5 * random.normal())];
  }),
);
const byLag = (notes: number, lags: number, predictions: number) => {
  const recording = recordSequence(TOY_SPEC, parameters, toySequence(notes));
  const found = gradientByLag(new ProbedModel(TOY_SPEC, parameters, createKernels()), recording, { lags, predictions });
  return { recording, ...found };
};

describe('gradientByLag', () => {
  it('is the mean of what each prediction alone gives, where its past reaches so far', () => {
    const { recording, dh, dc, predictions } = byLag(12, 9, 100);
    expect(predictions).toBe(11);
    const each = Array.from(
      { length: 11 },
      (_, loss) => gradientThroughTime(TOY_SPEC, parameters, recording, { loss }).layers,
    );
    for (const layer of [0, 1]) {
      for (let lag = 0; lag < 9; lag++) {
        const reaching = each.flatMap((layers, step) => (step >= lag ? [[layers[layer], step] as const] : []));
        const mean = (of: 'dh' | 'dc'): number => reaching.reduce((sum, [norms, step]) => sum + norms[of][step - lag], 0) / reaching.length; // prettier-ignore
        expect(dh[layer][lag]).toBeCloseTo(mean('dh'), 5);
        expect(dc[layer][lag]).toBeCloseTo(mean('dc'), 5);
      }
    }
  });

  it('takes blocks of a long song, and no more lags than there are steps', () => {
    expect(byLag(400, 10, 128).predictions).toBe(128);
    expect(byLag(5, 64, 128).dh[0]).toHaveLength(4);
  });
});

describe('lagBelow', () => {
  it('is the first lag below a part of the first, or none', () => {
    expect(lagBelow([8, 6, 3.9, 5], 0.5)).toBe(2);
    expect(lagBelow([8, 6, 5], 0.5)).toBeNull();
  });
});
