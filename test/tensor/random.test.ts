import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EtudeError } from '../../src/errors.ts';
import { Random, RANDOM_STREAMS, type RandomState } from '../../src/tensor/index.ts';

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyState = fc
  .tuple(word, word, word, word)
  .filter((words) => words.some((w) => w !== 0)) as fc.Arbitrary<RandomState>;
const anySeed = fc.maxSafeInteger();

/** xoshiro128** 1.1 as its authors' C code has it, on unbounded integers: next output and next state. */
function xoshiro(state: bigint[]): { output: bigint; state: bigint[] } {
  const mask = (1n << 32n) - 1n;
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  const [...s] = state;
  const output = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
  const t = (s[1] << 9n) & mask;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate(s[3], 11n);
  return { output, state: s };
}

describe('the generator', () => {
  it('gives the first numbers that the C code of xoshiro128** 1.1 prints for the state 1, 2, 3, 4', () => {
    const random = new Random([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => random.bits())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('is xoshiro128** from any state, outputs and states', () => {
    fc.assert(
      fc.property(anyState, (start) => {
        const random = new Random(start);
        let model = start.map(BigInt);
        for (let draw = 0; draw < 20; draw++) {
          const next = xoshiro(model);
          model = next.state;
          expect(random.bits()).toBe(Number(next.output));
          expect(random.state()).toEqual(model.map(Number));
        }
      }),
    );
  });

  it('goes on from a saved state, whatever was drawn before', () => {
    const draws = [
      (r: Random) => r.bits(),
      (r: Random) => r.uniform(),
      (r: Random) => r.normal(),
      (r: Random) => r.integer(1000),
    ];
    fc.assert(
      fc.property(anySeed, fc.array(fc.nat(3)), (seed, order) => {
        const random = Random.stream(seed, 'init');
        for (const which of order) draws[which](random);
        const saved = random.state();
        const first = draws.map((draw) => draw(random));
        const other = new Random(saved);
        expect(draws.map((draw) => draw(other))).toEqual(first);
        random.restore(saved);
        expect(draws.map((draw) => draw(random))).toEqual(first);
      }),
    );
  });

  it('gives a copy of its state, which later draws leave alone', () => {
    const random = new Random([1, 2, 3, 4]);
    const saved = random.state();
    random.bits();
    expect(saved).toEqual([1, 2, 3, 4]);
  });

  it('refuses states that are none, and keeps the one it has', () => {
    const bad = [
      [0, 0, 0, 0],
      [1, 2, 3],
      [1, 2, 3, 4, 5],
      [1, 2, 3, -1],
      [1, 2, 3, 2 ** 32],
      [1, 2, 3, 0.5],
      [1, 2, 3, NaN],
      ['1', 2, 3, 4],
      null,
      'abcd',
    ] as unknown as RandomState[];
    const random = new Random([1, 2, 3, 4]);
    for (const state of bad) {
      expect(() => new Random(state), JSON.stringify(state)).toThrow(EtudeError);
      expect(() => {
        random.restore(state);
      }).toThrow(EtudeError);
    }
    expect(random.state()).toEqual([1, 2, 3, 4]);
  });
});

describe('the streams of a run', () => {
  const firstDraws = (seed: number, name: string): number[] => {
    const random = Random.stream(seed, name);
    return Array.from({ length: 8 }, () => random.bits());
  };

  it('start where seed and name say', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(...RANDOM_STREAMS), (seed, name) => {
        expect(firstDraws(seed, name)).toEqual(firstDraws(seed, name));
      }),
    );
  });

  it('differ by name and by seed, in the upper half of the seed too', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const other = seed >= 0 ? seed - 2 ** 40 : seed + 2 ** 40;
        const draws = RANDOM_STREAMS.flatMap((name) => [
          firstDraws(seed, name),
          firstDraws(seed === 0 ? 1 : -seed, name),
          firstDraws(other, name),
        ]);
        expect(new Set(draws.map(String)).size).toBe(draws.length);
      }),
    );
  });

  it('of neighbouring seeds have nothing to do with one another', () => {
    const mean = (seed: number): number => {
      const random = Random.stream(seed, 'init');
      const other = Random.stream(seed + 1, 'init');
      let sum = 0;
      for (let j = 0; j < 1000; j++) sum += (random.uniform() - 0.5) * (other.uniform() - 0.5);
      return sum / 1000;
    };
    // The product of two independent uniform numbers has a deviation of 1/12; the mean of 1,000 of them 1/380.
    for (let seed = 0; seed < 20; seed++) expect(Math.abs(mean(seed))).toBeLessThan(5 / 380);
  });

  it('refuse seeds that are not whole', () => {
    for (const seed of [0.5, NaN, Infinity, 2 ** 53]) expect(() => Random.stream(seed, 'init')).toThrow(EtudeError);
  });
});

describe('the draws', () => {
  it('uniform stay in [0, 1) and use 53 bits', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const random = new Random(state);
        const [high, low] = [random.bits(), random.bits()];
        random.restore(state);
        const bits = (BigInt(high) >> 5n) * 2n ** 26n + (BigInt(low) >> 6n);
        const u = random.uniform();
        expect(u).toBe(Number(bits) / 2 ** 53);
        expect(u >= 0 && u < 1).toBe(true);
      }),
    );
  });

  it('integer reach every number below n and no other, each as often (chi-squared)', () => {
    const random = Random.stream(1, 'shuffle');
    for (const n of [1, 2, 3, 7, 10, 100]) {
      const counts = new Float64Array(n);
      const draws = 1000 * n;
      for (let j = 0; j < draws; j++) counts[random.integer(n)]++;
      const expected = draws / n;
      const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // Mean n - 1, variance 2 (n - 1): six deviations up.
      expect(chiSquared).toBeLessThanOrEqual(n - 1 + 6 * Math.sqrt(2 * (n - 1)));
    }
  });

  it('integer throw away what would favour small numbers', () => {
    // 3 · 2^30 leaves a quarter of the words over; taking them modulo n would make the lowest third twice as likely.
    const n = 3 * 2 ** 30;
    const random = Random.stream(2, 'shuffle');
    let low = 0;
    for (let j = 0; j < 30_000; j++) if (random.integer(n) < 2 ** 30) low++;
    expect(Math.abs(low - 10_000)).toBeLessThan(6 * Math.sqrt(30_000 * (2 / 9)));
  });

  it('integer take any bound up to 2^32 and refuse others', () => {
    fc.assert(
      fc.property(anyState, fc.integer({ min: 1, max: 2 ** 32 }), (state, n) => {
        const drawn = new Random(state).integer(n);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
      }),
    );
    for (const n of [0, -1, 0.5, NaN, 2 ** 32 + 1])
      expect(() => new Random([1, 2, 3, 4]).integer(n)).toThrow(EtudeError);
  });

  it('normal have the moments of the standard normal distribution', () => {
    const random = Random.stream(3, 'init');
    const n = 40_000;
    const draws = Float64Array.from({ length: n }, () => random.normal());
    const moment = (power: number): number => draws.reduce((sum, x) => sum + x ** power, 0) / n;
    // Six deviations: the variances of x, x², x³ and x⁴ are 1, 2, 15 and 96.
    expect(Math.abs(moment(1))).toBeLessThan(6 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(6 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(6 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(6 * Math.sqrt(96 / n));
    expect(draws.every(Number.isFinite)).toBe(true);
  });

  it('shuffle keep every item once', () => {
    fc.assert(
      fc.property(anySeed, fc.array(fc.nat(9)), (seed, items) => {
        const shuffled = Random.stream(seed, 'shuffle').shuffle([...items]);
        expect([...shuffled].sort()).toEqual([...items].sort());
        const words = Random.stream(seed, 'shuffle').shuffle(Uint32Array.from(items));
        expect([...words]).toEqual(shuffled);
      }),
    );
  });

  it('shuffle millions in pieces, to the same order', () => {
    const items = Uint32Array.from({ length: 300_000 }, (_, index) => index);
    const parts: number[] = [];
    const pieces = Random.stream(3, 'shuffle').shufflePieces(items.slice());
    let next = pieces.next();
    for (; !next.done; next = pieces.next()) parts.push(next.value);
    expect(Buffer.from(next.value.buffer).equals(Buffer.from(Random.stream(3, 'shuffle').shuffle(items).buffer))).toBe(
      true,
    );
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.at(-1)).toBe(1);
    expect([...Random.stream(3, 'shuffle').shufflePieces([])]).toEqual([]);
  });

  it('shuffle bring every order about equally often', () => {
    const random = Random.stream(4, 'shuffle');
    const counts = new Map<string, number>();
    for (let j = 0; j < 12_000; j++) {
      const order = random.shuffle(['a', 'b', 'c', 'd']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(6 * Math.sqrt(500));
  });
});
