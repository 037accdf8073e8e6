import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CategoricalSampler, PLAIN_SAMPLING, type SamplingOptions } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';

const LOGITS = [2, 1, 0, -1, -3];

function draw(options: Partial<SamplingOptions>, count = 20_000, logits: ArrayLike<number> = LOGITS): number[] {
  const sampler = new CategoricalSampler(logits.length, { ...PLAIN_SAMPLING, ...options });
  const random = Random.stream(3, 'sample');
  const counts = Array.from(logits, () => 0);
  for (let n = 0; n < count; n++) counts[sampler.sample(logits, random)] += 1 / count;
  return counts;
}

function softmax(logits: number[]): number[] {
  const exps = logits.map((z) => Math.exp(z));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((e) => e / sum);
}

describe('CategoricalSampler', () => {
  for (const temperature of [0.5, 1, 2]) {
    it(`draws with the probabilities of the softmax at temperature ${temperature}`, () => {
      const expected = softmax(LOGITS.map((z) => z / temperature));
      draw({ temperature }).forEach((share, j) => expect(Math.abs(share - expected[j])).toBeLessThan(0.012));
    });
  }

  it('draws the likeliest class at a temperature near 0, without overflow', () => {
    expect(draw({ temperature: 1e-4 }, 100, [1000, 999, -1000])).toEqual([1, 0, 0].map((n) => expect.closeTo(n, 9)));
  });

  it('keeps the K most probable classes, renormalised', () => {
    const shares = draw({ topK: 2 });
    expect(shares.slice(2)).toEqual([0, 0, 0]);
    expect(shares[0] / shares[1]).toBeCloseTo(Math.E, 0);
  });

  it('keeps the fewest classes that reach the probability of top-p, at least one', () => {
    const p = softmax(LOGITS);
    expect(draw({ topP: p[0] + p[1] - 0.01 }).filter((share) => share > 0)).toHaveLength(2);
    expect(draw({ topP: p[0] + p[1] + 0.01 }).filter((share) => share > 0)).toHaveLength(3);
    expect(draw({ topP: 1e-9 }).filter((share) => share > 0)).toHaveLength(1);
  });

  it('tells the probability of any class in the last draw', () => {
    const sampler = new CategoricalSampler(5, { ...PLAIN_SAMPLING, topK: 1 });
    sampler.sample(LOGITS, Random.stream(1, 'sample'));
    softmax(LOGITS).forEach((p, j) => expect(sampler.probability(j)).toBeCloseTo(p, 12));
  });

  it('uses one number of the stream a draw and never leaves the classes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.nat(10),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (logits, temperature, topK, topP) => {
          const [random, same] = [Random.stream(1, 'sample'), Random.stream(1, 'sample')];
          const drawn = new CategoricalSampler(logits.length, { temperature, topK, topP }).sample(logits, random);
          expect(drawn).toBeGreaterThanOrEqual(0);
          expect(drawn).toBeLessThan(logits.length);
          same.uniform();
          expect(random.state()).toEqual(same.state());
        },
      ),
    );
  });

  it('refuses temperatures, top-k and top-p that make no sense', () => {
    for (const temperature of [0, -1, NaN, Infinity]) expect(() => draw({ temperature }, 1)).toThrow(/temperature/);
    for (const topK of [-1, 1.5, NaN]) expect(() => draw({ topK }, 1)).toThrow(/top-k/);
    for (const topP of [0, -0.1, 1.1, NaN]) expect(() => draw({ topP }, 1)).toThrow(/top-p/);
  });
});
