import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createMemory, WasmArena } from '../../src/tensor/simd/wasm-arena.ts';
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

describe.each([
  ['on the heap', () => new HeapArena()],
  ['in WebAssembly', () => new WasmArena(createMemory(false), 1024)],
] as const)('a lease of an arena %s', (_, create) => {
  it('gives its bytes back, once, and nobody else’s', () => {
    const arena = create();
    arena.tensor([100]);
    const lease = arena.lease(() => [arena.tensor([50]), arena.indices([20])]);
    expect(arena.bytes).toBe(4 * 170);
    lease.release();
    lease.release();
    expect(arena.bytes).toBe(4 * 100);
  });

  it('leaves what others hold alone, and what is taken later is zero', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ sizes: fc.array(fc.nat(200), { maxLength: 4 }), release: fc.boolean() })),
        (steps) => {
          const arena = create();
          const held: { tensors: Tensor[]; release: () => void; mark: number }[] = [];
          steps.forEach(({ sizes, release }, mark) => {
            const lease = arena.lease(() => sizes.map((size) => arena.tensor([size])));
            for (const { data } of lease.value) {
              expect(data.every((x: number) => x === 0)).toBe(true);
              data.fill(mark + 1);
            }
            held.push({ tensors: lease.value, release: lease.release, mark });
            if (release) held.splice((mark * 7) % held.length, 1)[0].release();
          });
          for (const { tensors, mark } of held) {
            for (const { data } of tensors) expect(data.every((x: number) => x === mark + 1)).toBe(true);
          }
        },
      ),
    );
  });
});

describe('an arena in WebAssembly', () => {
  it('gives out again what was given back, joined, before it grows', () => {
    const arena = new WasmArena(createMemory(false), 1024);
    const leases = [1, 2, 3].map(() => arena.lease(() => arena.tensor([1000])));
    const { top } = arena;
    for (const index of [0, 2, 1]) leases[index].release();
    arena.tensor([3000]);
    expect(arena.top).toBe(top);
    arena.tensor([1000]);
    expect(arena.top).toBeGreaterThan(top);
  });

  it('gives back what a layout had taken when it fails', () => {
    const arena = new WasmArena(createMemory(false), 1024);
    const failing = (): void => {
      arena.lease(() => {
        arena.tensor([1000]);
        throw new ShapeError('no');
      });
    };
    expect(failing).toThrow(ShapeError);
    expect(arena.bytes).toBe(0);
  });
});
