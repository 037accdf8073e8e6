import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HeapArena, ShapeError, type IndexTensor, type Precision, type Tensor } from '../../src/tensor/index.ts';

const precision = fc.constantFrom<Precision>('float32', 'float64');
/** What is asked of an arena: floats or indices, and how many. Now and then more than a block holds. */
const requests = fc.array(
  fc.record({ indices: fc.boolean(), size: fc.oneof(fc.nat(300), fc.nat(300), fc.integer({ min: 1e5, max: 4e5 })) }),
  { minLength: 1, maxLength: 20 },
);

describe('an arena on the heap', () => {
  it('gives zeros, each tensor at the start of a cache line', () => {
    fc.assert(
      fc.property(precision, requests, (precision, list) => {
        const arena = new HeapArena(precision);
        for (const { indices, size } of list) {
          const tensor = indices ? arena.indices([size]) : arena.tensor([size]);
          expect(tensor.byteOffset % 64).toBe(0);
          expect(tensor.data).toHaveLength(size);
          expect(tensor.data.every((value: number) => value === 0)).toBe(true);
        }
      }),
    );
  });

  it('gives tensors that do not overlap', () => {
    fc.assert(
      fc.property(precision, requests, (precision, list) => {
        const arena = new HeapArena(precision);
        const given: (Tensor | IndexTensor)[] = list.map(({ indices, size }) =>
          indices ? arena.indices([size]) : arena.tensor([size]),
        );
        given.forEach((tensor, number) => tensor.data.fill(number + 1));
        given.forEach((tensor, number) => {
          expect(tensor.data.every((value: number) => value === number + 1)).toBe(true);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('counts the bytes that it gave out', () => {
    const single = new HeapArena('float32');
    single.tensor([10, 3]);
    single.indices([7]);
    expect(single.bytes).toBe(4 * 30 + 4 * 7);
    const double = new HeapArena('float64');
    double.tensor([10, 3]);
    double.indices([7]);
    expect(double.bytes).toBe(8 * 30 + 4 * 7);
    expect(new HeapArena().bytes).toBe(0);
  });

  it('is float32 unless told otherwise', () => {
    expect(new HeapArena().precision).toBe('float32');
    expect(new HeapArena().tensor([1]).data).toBeInstanceOf(Float32Array);
    expect(new HeapArena('float64').tensor([1]).data).toBeInstanceOf(Float64Array);
  });

  it('refuses shapes that are none', () => {
    const arena = new HeapArena();
    expect(() => arena.tensor([3, -1])).toThrow(ShapeError);
    expect(() => arena.tensor([NaN])).toThrow(ShapeError);
    expect(() => arena.indices([0.5])).toThrow(ShapeError);
    expect(arena.bytes).toBe(0);
  });
});
