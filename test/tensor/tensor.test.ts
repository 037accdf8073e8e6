import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HeapArena, IndexTensor, ShapeError, sizeOf, Tensor, type Precision } from '../../src/tensor/index.ts';
import { bytesPerFloat } from '../../src/tensor/tensor.ts';

const precisions: Precision[] = ['float32', 'float64'];
const anyShape = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

function counting(shape: number[], precision: Precision = 'float32'): Tensor {
  const tensor = new HeapArena(precision).tensor(shape);
  tensor.data.set(Array.from({ length: tensor.size }, (_, index) => index));
  return tensor;
}

describe.each(precisions)('a %s tensor', (precision) => {
  it('holds numbers of its precision', () => {
    const { data } = counting([2, 3], precision);
    expect(data).toBeInstanceOf(precision === 'float32' ? Float32Array : Float64Array);
    expect(data.BYTES_PER_ELEMENT).toBe(bytesPerFloat(precision));
  });

  it('knows its size, its rows and the length of a row', () => {
    fc.assert(
      fc.property(anyShape, (shape) => {
        const tensor = counting(shape, precision);
        expect(tensor.size).toBe(sizeOf(shape));
        expect(tensor.rows).toBe(shape[0]);
        expect(tensor.columns).toBe(sizeOf(shape.slice(1)));
        expect(tensor.data).toHaveLength(tensor.size);
      }),
    );
  });

  it('gives slices of rows that share its numbers, both ways', () => {
    fc.assert(
      fc.property(anyShape, fc.nat(5), fc.nat(5), (shape, a, b) => {
        const [from, to] = [Math.min(a, b, shape[0]), Math.min(Math.max(a, b), shape[0])];
        const tensor = counting(shape, precision);
        const slice = tensor.slice(from, to);
        const row = sizeOf(shape.slice(1));
        expect(slice.shape).toEqual([to - from, ...shape.slice(1)]);
        expect([...slice.data]).toEqual([...tensor.data.subarray(from * row, to * row)]);
        slice.data.fill(-1);
        expect([...tensor.data].every((value, at) => (value === -1) === (at >= from * row && at < to * row))).toBe(
          true,
        );
        tensor.data.fill(7);
        expect([...slice.data].every((value) => value === 7)).toBe(true);
      }),
    );
  });

  it('gives a row as the slice of one row without the first axis', () => {
    const tensor = counting([3, 2, 2], precision);
    expect(tensor.row(1).shape).toEqual([2, 2]);
    expect([...tensor.row(1).data]).toEqual([4, 5, 6, 7]);
    expect([...tensor.row(2).row(1).data]).toEqual([10, 11]);
    expect(counting([3]).row(2).shape).toEqual([]);
  });

  it('reshapes without moving a number', () => {
    const tensor = counting([4, 6], precision);
    const other = tensor.reshape([2, 3, 4]);
    expect(other.shape).toEqual([2, 3, 4]);
    other.row(1).data[0] = 100;
    expect(tensor.data[12]).toBe(100);
  });
});

describe('a tensor', () => {
  it('refuses a reshape that changes the number of elements, and names both shapes', () => {
    expect(() => counting([2, 3]).reshape([4, 2])).toThrow('reshape: [2, 3] has 6 elements, [4, 2] 8.');
    expect(() => counting([2, 3]).reshape([7])).toThrow(ShapeError);
    expect(() => counting([2, 3]).reshape([-2, -3])).toThrow(ShapeError);
  });

  it('refuses slices and rows outside of it', () => {
    const tensor = counting([3, 2]);
    for (const [from, to] of [
      [-1, 2],
      [2, 1],
      [0, 4],
      [4, 4],
      [NaN, 2],
      [0, NaN],
      [0.5, 1],
    ]) {
      expect(() => tensor.slice(from, to), `${from} to ${to}`).toThrow(ShapeError);
    }
    expect(() => tensor.row(3)).toThrow(ShapeError);
    expect(() => tensor.row(-1)).toThrow(ShapeError);
  });

  it('may be empty, and its rows still have their length', () => {
    const empty = new HeapArena().tensor([0, 5]);
    expect([empty.size, empty.rows, empty.columns, empty.data.length]).toEqual([0, 0, 5, 0]);
    const narrow = new HeapArena().tensor([5, 0]);
    expect([narrow.size, narrow.rows, narrow.columns]).toEqual([0, 5, 0]);
    expect(counting([3, 2]).slice(1, 1).size).toBe(0);
  });

  it('of no axes is a scalar: one row of one number', () => {
    const scalar = new HeapArena().tensor([]);
    expect([scalar.size, scalar.rows, scalar.columns]).toEqual([1, 1, 1]);
  });

  it('refuses a shape that is none', () => {
    const memory = { precision: 'float32' as const, buffer: new ArrayBuffer(64) };
    expect(() => new Tensor(memory, 0, [2, -1])).toThrow(ShapeError);
    expect(() => new IndexTensor(memory, 0, [1.5])).toThrow(ShapeError);
  });

  it('finds its numbers again when the memory grows and the old buffer is detached', () => {
    const memory = { precision: 'float32' as const, buffer: new ArrayBuffer(1024) };
    const tensor = new Tensor(memory, 64, [2, 2]);
    const indices = new IndexTensor(memory, 256, [3]);
    tensor.data.set([1, 2, 3, 4]);
    indices.data.set([7, 8, 9]);
    const grown = new ArrayBuffer(2048);
    new Uint8Array(grown).set(new Uint8Array(memory.buffer));
    structuredClone(memory.buffer, { transfer: [memory.buffer] });
    expect(memory.buffer.byteLength, 'the old buffer is detached').toBe(0);
    memory.buffer = grown;
    expect([...tensor.data]).toEqual([1, 2, 3, 4]);
    expect([...indices.data]).toEqual([7, 8, 9]);
    expect(tensor.data.buffer).toBe(grown);
  });
});
