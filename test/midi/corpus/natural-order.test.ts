import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compareNatural } from '../../../src/midi/corpus/natural-order.ts';

const anyPath = fc.string({ unit: fc.constantFrom(...'ab/.01 29é'), maxLength: 8 });

describe('the natural order of paths', () => {
  it('counts where a plain order spells', () => {
    const paths = ['p10.mid', 'p9.mid', 'p1.mid', 'p02.mid', 'p2.mid', 'P3.mid', 'p2b.mid', 'p.mid'];
    expect(paths.sort(compareNatural)).toEqual([
      'P3.mid',
      'p.mid',
      'p1.mid',
      'p02.mid',
      'p2.mid',
      'p2b.mid',
      'p9.mid',
      'p10.mid',
    ]);
  });

  it('keeps the contents of a folder together', () => {
    expect(['a b/1.mid', 'a/2.mid', 'a-b/1.mid', 'a/10.mid'].sort(compareNatural)).toEqual([
      'a/2.mid',
      'a/10.mid',
      'a b/1.mid',
      'a-b/1.mid',
    ]);
  });

  it('compares numbers longer than any number', () => {
    expect(compareNatural(`a${'9'.repeat(400)}`, `a1${'0'.repeat(400)}`)).toBeLessThan(0);
  });

  it('decides between spellings of one number, so that no two files are equal', () => {
    expect(Math.sign(compareNatural('a01.mid', 'a1.mid'))).toBe(-1);
    expect(Math.sign(compareNatural('a1.mid', 'a01.mid'))).toBe(1);
    expect(Math.sign(compareNatural('a01/2.mid', 'a1/1.mid'))).toBe(1);
  });

  it('is a total order: antisymmetric, transitive, and 0 for equal paths alone', () => {
    fc.assert(
      fc.property(anyPath, anyPath, anyPath, (a, b, c) => {
        const sign = (x: string, y: string): number => Math.sign(compareNatural(x, y));
        expect(sign(a, b) + sign(b, a)).toBe(0);
        expect(sign(a, b) === 0).toBe(a === b);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
