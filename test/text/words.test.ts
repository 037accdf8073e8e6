import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsInWords, clock, counted, formatP, formatSeconds, isWithin } from '../../src/text/words.ts';

describe('a counted noun', () => {
  it.each([
    [0, '0 notes'],
    [1, '1 note'],
    [2, '2 notes'],
    [12_345, '12,345 notes'],
  ])('%d', (count, text) => {
    expect(counted(count, 'note')).toBe(text);
  });

  it('takes a plural that does not end in s', () => {
    expect([1, 2].map((n) => counted(n, 'leaf', 'leaves'))).toEqual(['1 leaf', '2 leaves']);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0s'],
    [0.0001, '<0.1s'],
    [0.06, '0.1s'],
    [0.44, '0.4s'],
    [0.96, '1s'],
    [59.4, '59s'],
    [65, '1:05'],
    [7389, '2:03:09'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('that was measured is never told as none', () => {
    fc.assert(fc.property(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), (s) => formatSeconds(s) !== '0s'));
  });

  it('as a place in a piece has tenths', () => {
    expect([0, 65.25, 3599.99].map(clock)).toEqual(['0:00.0', '1:05.3', '60:00.0']);
  });
});

it('a chance is never told as zero', () => {
  expect([0.2, 0.0123, 0.001, 0.0005, 0].map(formatP)).toEqual([
    'p = 0.200',
    'p = 0.012',
    'p = 0.001',
    'p < 0.001',
    'p < 0.001',
  ]);
});

describe('bounds', () => {
  it.each([
    [{ min: 1, max: 65_536 }, 'from 1 to 65,536', 65_536, 65_537],
    [{ above: 0, max: 1e6 }, 'above 0 and at most 1,000,000', 1e6, 0],
    [{ min: 0, below: 1 }, 'of at least 0 and below 1', 0, 1],
    [{ min: 3 }, 'of at least 3', 3, 2],
    [{ max: 0.5 }, 'of at most 0.5', 0.5, 0.6],
    [{}, '', 1e300, NaN],
  ])('%o are "%s"', (bounds, text, inside, outside) => {
    expect(boundsInWords(bounds)).toBe(text);
    expect(isWithin(inside, bounds)).toBe(true);
    expect(isWithin(outside, bounds)).toBe(false);
  });
});
