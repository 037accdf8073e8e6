import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EtudeError } from '../../src/errors.ts';
import { assertShape, assertValidShape, formatShape, ShapeError, sizeOf } from '../../src/tensor/shape.ts';

const anyShape = fc.array(fc.nat(20), { maxLength: 4 });

describe('a shape', () => {
  it('has as many elements as its sizes multiplied, and a scalar has one', () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([64, 25, 3])).toBe(4800);
    expect(sizeOf([5, 0, 7])).toBe(0);
  });

  it('reads as a list in brackets', () => {
    expect(formatShape([64, 25, 3])).toBe('[64, 25, 3]');
    expect(formatShape([])).toBe('[]');
  });

  it('is refused when a size is negative, fractional, not a number or too large to count with', () => {
    for (const size of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => {
        assertValidShape([2, size], 'here');
      }).toThrow(ShapeError);
    }
    expect(() => {
      assertValidShape([2, -1], 'here');
    }).toThrow('here: [2, -1] is no shape');
  });

  it('of whole sizes is valid, zeros included', () => {
    fc.assert(
      fc.property(anyShape, (shape) => {
        assertValidShape(shape, 'here');
      }),
    );
  });
});

describe('assertShape', () => {
  it('lets equal shapes pass and nothing else', () => {
    fc.assert(
      fc.property(anyShape, anyShape, (actual, expected) => {
        const check = (): void => {
          assertShape('op: a', actual, expected);
        };
        if (JSON.stringify(actual) === JSON.stringify(expected)) check();
        else expect(check).toThrow(ShapeError);
      }),
    );
    assertShape('op: a', [2, 3], [2, 3]);
  });

  it('names the operand, both shapes and what to do', () => {
    expect(() => {
      assertShape('matmul: b', [4, 5], [3, 5], 'Transpose it.');
    }).toThrow('matmul: b: expected [3, 5], got [4, 5]. Transpose it.');
  });

  it('throws one of our own errors', () => {
    expect(new ShapeError('x')).toBeInstanceOf(EtudeError);
    expect(new ShapeError('x').name).toBe('ShapeError');
  });
});
