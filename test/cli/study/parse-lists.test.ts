import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlace, parseUnits, parseWholeList } from '../../../src/cli/study/parse-lists.ts';
import { UsageError } from '../../../src/errors.ts';

describe('parseWholeList', () => {
  it('reads numbers and ranges, in order and none twice', () => {
    expect(parseWholeList('17, 3,40-43,41')).toEqual([3, 17, 40, 41, 42, 43]);
  });

  it('reads back whatever list is written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (numbers) => {
        expect(parseWholeList(numbers.join(','))).toEqual([...numbers].sort((a, b) => a - b));
      }),
    );
  });

  it.each(['', ',', '3-', '-3', '5-4', '1.5', 'x', '1,,2', '0', '0-3', '1-999999999'])('refuses %j', (given) => {
    expect(() => parseWholeList(given)).toThrow(UsageError);
  });

  it('refuses more than are wanted', () => {
    expect(() => parseWholeList('1,2', 1)).toThrow(/a whole number/);
    expect(() => parseWholeList('1-21', 20)).toThrow(/no more than 20/);
  });
});

describe('parseUnits', () => {
  it('takes a number alone for how many, and anything else for which', () => {
    expect(parseUnits('16')).toBe(16);
    expect(parseUnits('16-16')).toEqual([16]);
    expect(parseUnits('1,16')).toEqual([1, 16]);
    expect(() => parseUnits('0')).toThrow(/at least 1/);
  });
});

describe('parsePlace', () => {
  it('reads the first and the last note', () => {
    expect(parsePlace('24-31')).toEqual({ from: 24, to: 31 });
    expect(parsePlace('7')).toEqual({ from: 7, to: 7 });
    for (const wrong of ['', '0', '0-4', '3-2', '1-2-3', 'a']) expect(() => parsePlace(wrong)).toThrow(UsageError);
  });
});
