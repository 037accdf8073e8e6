import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyWiseP, shuffledPieces } from '../../src/study/permutation-test.ts';
import { Random } from '../../src/tensor/index.ts';

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const upTo = (length: number): number[] => Array.from({ length }, (_, k) => k);

describe('shuffledPieces', () => {
  it('uses every note once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer(),
        (length, pieces, seed) => {
          expect(sorted(shuffledPieces(length, pieces, Random.stream(seed, 'pieces')))).toEqual(upTo(length));
        },
      ),
    );
  });

  it('keeps neighbours together, but at the ends of the pieces, and hardly a note in its place', () => {
    const random = Random.stream(1, 'pieces');
    const stayed = Array.from({ length: 100 }, () => {
      const order = shuffledPieces(240, 10, random);
      const broken = order.slice(1).filter((from, k) => from !== order[k] + 1).length;
      expect(broken).toBeLessThanOrEqual(10);
      expect(broken).toBeGreaterThan(0);
      return order.filter((from, k) => from === k).length / 240;
    });
    expect(Math.max(...stayed)).toBeLessThan(0.6);
    expect(stayed.reduce((sum, part) => sum + part, 0) / 100).toBeLessThan(0.05);
  });
});

describe('familyWiseP', () => {
  it('is the part of the permutations that reach as much, this one among them', () => {
    const [p] = familyWiseP([[0.95, 0.55, 0]], [Float64Array.from({ length: 9 }, (_, k) => (k + 1) / 10)]);
    expect([...p]).toEqual([0.1, 0.5, 1]);
  });

  it('is corrected for everything: a family that is nothing special hides what only seems so', () => {
    const random = Random.stream(3, 'p');
    const normal = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
    const alone = familyWiseP([[1.9]], [normal(199)])[0][0];
    const among = familyWiseP([[1.9], ...Array.from({ length: 20 }, () => [0])], Array.from({ length: 21 }, () => normal(199))); // prettier-ignore
    expect(among[0][0]).toBeGreaterThan(3 * alone);
  });

  it('gives 1 where nothing varies', () => {
    expect([...familyWiseP([[0, 0]], [new Float64Array(20)])[0]]).toEqual([1, 1]);
  });
});
