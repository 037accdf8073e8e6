import { describe, expect, it } from 'vitest';

import { recordSequence } from '../../../src/nn/index.ts';
import { bitSequence, countedSequence, countingNetwork, rememberingNetwork } from '../../support/wired-networks.ts';

const halfLifeOf = (f: number) => Math.log(0.5) / Math.log(f);

/** The mean forget gate of a unit. */
function meanForget(f: ArrayLike<number>, H: number, unit: number): number {
  const values = Array.from(f).filter((_, at) => at % H === unit);
  return values.reduce((a, b) => a + b, 0) / values.length;
}

describe('the network wired to remember a bit', () => {
  const { spec, parameters, unit } = rememberingNetwork(100);

  it.each([0, 1] as const)(
    'still says %s a hundred steps after it was written, and has forgotten half of it',
    (bit) => {
      const { layers, heads } = recordSequence(spec, parameters, bitSequence(102, [{ at: 0, bit }]));
      const [{ c = [], size }] = layers;
      expect(heads[0].probabilities![100 * 2 + bit]).toBeGreaterThan(0.99);
      expect(Math.abs(c[unit])).toBeCloseTo(1, 5);
      expect(c[100 * size + unit] / c[unit]).toBeCloseTo(0.5, 3);
    },
  );

  it('has no other unit that remembers longer than three steps', () => {
    const [
      {
        gates: { f },
        size,
      },
    ] = recordSequence(spec, parameters, bitSequence(300, [{ at: 5, bit: 1 }])).layers;
    expect(halfLifeOf(meanForget(f, size, unit))).toBeCloseTo(100, 1);
    for (let j = 0; j < size; j++) if (j !== unit) expect(halfLifeOf(meanForget(f, size, j))).toBeLessThan(3);
  });

  it('overwrites a bit by the next', () => {
    const sequence = bitSequence(400, [{ at: 0, bit: 1 }, { at: 120, bit: 0 }, { at: 260, bit: 1 }]); // prettier-ignore
    const [{ nextProbability }] = recordSequence(spec, parameters, sequence).heads;
    expect(Math.min(...nextProbability!.subarray(0, 399))).toBeGreaterThan(0.9);
  });
});

describe('the network wired to count', () => {
  it('counts to 60 within one, by a cell that grows by the same at every step', () => {
    const { spec, parameters, unit } = countingNetwork(0.002);
    const [{ c = [], size }] = recordSequence(spec, parameters, countedSequence(61)).layers;
    for (let t = 0; t < 61; t++) expect(c[t * size + unit]).toBeCloseTo(0.002 * (t + 1), 6);
    const [{ out }] = recordSequence(spec, parameters, countedSequence(61)).heads;
    for (let t = 0; t < 61; t++) expect(Math.abs(out[t] - (t + 1))).toBeLessThan(1);
  });
});
