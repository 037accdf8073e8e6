import { describe, expect, it } from 'vitest';
import { finiteJson } from '../src/cli/finite-json.ts';
import { assertFinite, findNotFinite, NotFiniteError } from '../src/finite.ts';

describe('a number that is not finite', () => {
  it.each([
    [NaN, '', NaN],
    [{ a: 1, heads: [{ loss: 1 }, { loss: -Infinity }] }, 'heads[1].loss', -Infinity],
    [{ a: Float32Array.of(1, 2, NaN) }, 'a[2]', NaN],
    [[[1], [2, [Infinity]]], '[1][1][0]', Infinity],
  ])('is found in %j, and where', (value, path, number) => {
    expect(findNotFinite(value)).toEqual({ path, value: number });
    expect(() => { assertFinite(value, 'It', 'Look.'); }).toThrow(NotFiniteError); // prettier-ignore
  });

  it.each([1, null, undefined, 'NaN', true, {}, [], { a: null, b: [0, 'x', undefined] }, new Float32Array(3)])(
    'is not found in %j',
    (value) => {
      expect(findNotFinite(value)).toBeUndefined();
    },
  );

  it('is refused by name where JSON would say null', () => {
    expect(JSON.stringify({ loss: NaN })).toBe('{"loss":null}');
    expect(() => finiteJson({ loss: NaN })).toThrow(/NaN at loss/);
    expect(finiteJson({ loss: null, b: [1.5] })).toBe('{"loss":null,"b":[1.5]}');
  });
});
