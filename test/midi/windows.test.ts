import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UsageError } from '../../src/errors.ts';
import { enumerateWindows, windowCount } from '../../src/midi/windows.ts';

describe('training windows', () => {
  it('need one note more than they read, for the last target', () => {
    expect(windowCount(0, 25)).toBe(0);
    expect(windowCount(25, 25)).toBe(0);
    expect(windowCount(26, 25)).toBe(1);
    expect(windowCount(100, 25)).toBe(75);
  });

  it('stay inside their piece, inputs and targets alike, and are all there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 12 }), (lengths, seqLength) => {
        const windows = [...enumerateWindows(lengths, seqLength)];
        for (const { piece, start } of windows) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start + seqLength + 1).toBeLessThanOrEqual(lengths[piece]);
        }
        expect(windows).toHaveLength(lengths.reduce((sum, length) => sum + windowCount(length, seqLength), 0));
        expect(new Set(windows.map(({ piece, start }) => `${piece}:${start}`)).size).toBe(windows.length);
      }),
    );
  });

  it.each([
    [-1, 25],
    [2.5, 25],
    [10, 0],
    [10, 1.5],
    [10, NaN],
  ])('are refused for %d notes and a length of %d', (length, seqLength) => {
    expect(() => windowCount(length, seqLength)).toThrow(UsageError);
  });
});
