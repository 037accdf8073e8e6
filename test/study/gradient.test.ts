import { describe, expect, it } from 'vitest';
import { gradientByLag, gradientBySteps, lagBelow } from '../../src/study/gradient.ts';
import { gradientThroughTime, parameterSpecs, ProbedModel, recordSequence, type NamedArrays } from '../../src/nn/index.ts'; // prettier-ignore
import { createKernels, Random } from '../../src/tensor/index.ts';
import { CHAINED_SPEC, chainedSequence, TOY_SPEC, toySequence } from '../support/toy-model.ts';

const random = Random.stream(8, 'weights');
const byLag = (notes: number, lags: number, predictions: number, spec = TOY_SPEC, sequence = toySequence(notes)) => {
  const parameters: NamedArrays = Object.fromEntries(
    parameterSpecs(spec).map(({ name, shape }) => {
      return [name, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.5 * random.normal())];
    }),
  );
  const recording = recordSequence(spec, parameters, sequence);
  const found = gradientByLag(new ProbedModel(spec, parameters, createKernels()), recording, { lags, predictions });
  return { recording, parameters, ...found };
};

describe('gradientByLag', () => {
  it.each([
    ['a plain model', TOY_SPEC, toySequence(12)],
    ['one whose heads read others and have relu layers', CHAINED_SPEC, chainedSequence(12)],
  ])('is, of %s, the mean of what each prediction alone gives, where its past reaches so far', (_, spec, sequence) => {
    const { recording, parameters, dh, dc, predictions } = byLag(12, 9, 100, spec, sequence);
    expect(predictions).toBe(11);
    const each = Array.from(
      { length: 11 },
      (_, loss) => gradientThroughTime(spec, parameters, recording, { loss }).layers,
    );
    for (const layer of dh.keys()) {
      for (let lag = 0; lag < 9; lag++) {
        const reaching = each.flatMap((layers, step) => (step >= lag ? [[layers[layer], step] as const] : []));
        const mean = (of: 'dh' | 'dc'): number => reaching.reduce((sum, [norms, step]) => sum + norms[of]![step - lag], 0) / reaching.length; // prettier-ignore
        expect(dh[layer][lag]).toBeCloseTo(mean('dh'), 5);
        expect(dc![layer][lag]).toBeCloseTo(mean('dc'), 5);
      }
    }
  });

  it('takes blocks of a long song, and no more lags than there are steps', () => {
    expect(byLag(400, 10, 128).predictions).toBe(128);
    expect(byLag(5, 64, 128).dh[0]).toHaveLength(4);
  });
});

describe('gradientBySteps', () => {
  it('is the gradient of the whole song at the steps asked for, where the losses far beyond have faded', () => {
    const { recording, parameters } = byLag(400, 4, 64);
    const whole = gradientThroughTime(TOY_SPEC, parameters, recording, { loss: 'all' }).layers;
    const weights = { spec: TOY_SPEC, parameters };
    const part = gradientBySteps(weights, recording, { from: 40, to: 60 }, createKernels(), 100);
    const short = gradientBySteps(weights, recording, { from: 40, to: 60 }, createKernels(), 0);
    for (const [layer, { dh, dc }] of whole.entries()) {
      expect(part.dh[layer]).toHaveLength(20);
      part.dh[layer].forEach((norm, k) => { expect(norm / dh[40 + k]).toBeCloseTo(1, 4); }); // prettier-ignore
      part.dc![layer].forEach((norm, k) => { expect(norm / dc![40 + k]).toBeCloseTo(1, 4); }); // prettier-ignore
      // What lies just beyond counts: without it the last step is another.
      expect(Math.abs(short.dc![layer][19] / dc![59] - 1)).toBeGreaterThan(1e-3);
    }
  });
});

describe('lagBelow', () => {
  it('is the first lag below a part of the first, or none', () => {
    expect(lagBelow([8, 6, 3.9, 5], 0.5)).toBe(2);
    expect(lagBelow([8, 6, 5], 0.5)).toBeNull();
  });
});
