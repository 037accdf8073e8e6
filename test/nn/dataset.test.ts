import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DataError } from '../../src/errors.ts';
import { WindowDataset, type Vary } from '../../src/nn/dataset.ts';
import type { Sequence } from '../../src/nn/sequence.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { Random } from '../../src/tensor/index.ts';
import { smallSpec } from '../support/model-specs.ts';

const lengths = fc.array(fc.nat(12), { minLength: 1, maxLength: 6 });
const steps = fc.integer({ min: 1, max: 5 });

/** The small model, with so many classes that any number below is one. */
function manyClasses(lossOn: 'last' | 'all' = 'all'): ModelSpec {
  const spec = smallSpec({ lossOn });
  const many = 10_000;
  return {
    ...spec,
    inputs: { ...spec.inputs, categories: spec.inputs.categories.map((each) => ({ ...each, size: many })) },
    heads: spec.heads.map((head) => (head.kind === 'categorical' ? { ...head, size: many } : head)),
  };
}

/** A sequence whose every number says which piece, which position and which column it came from. */
function numbered(piece: number, length: number): Sequence {
  const column = (offset: number): number[] => Array.from({ length }, (_, t) => piece * 1000 + t * 10 + offset);
  return {
    length,
    categories: [column(1), column(2)],
    features: Array.from({ length: 2 * length }, (_, at) => piece * 1000 + Math.floor(at / 2) * 10 + 3 + (at % 2)),
    targets: { pitch: column(5), step: column(6) },
  };
}

/** All windows of some pieces, counted naively: which piece, and where it starts. */
function allWindows(lengths: number[], T: number): { piece: number; start: number }[] {
  return lengths.flatMap((length, piece) =>
    Array.from({ length: Math.max(0, length - T) }, (_, start) => ({ piece, start })),
  );
}

describe('windows that are varied', () => {
  const spec = manyClasses();
  const [T, pieces] = [3, [numbered(0, 6), numbered(1, 9)]];
  /** The stretch as it is, every class one more than the number that was drawn. */
  const vary: Vary = (index, from, count, random) => {
    const { categories, features, targets } = pieces[index];
    const shift = random.integer(1000);
    const moved = (column: ArrayLike<number>) => Array.from({ length: count }, (_, t) => column[from + t] + shift);
    return {
      length: count,
      categories: categories.map(moved),
      features: Array.from({ length: 2 * count }, (_, at) => features[2 * from + at]),
      targets: { pitch: moved(targets.pitch), step: moved(targets.step) },
    };
  };
  const randomOf = (place: number) => Random.stream(7, `place ${place}`);
  const shiftAt = (place: number) => randomOf(place).integer(1000);
  const order = Array.from({ length: 3 + 6 }, (_, w) => 8 - w);
  const filled = (data: WindowDataset, count: number, from: number, random?: typeof randomOf) => {
    const batch = data.createBatch(count, 'all');
    data.fill(batch, order, from, random);
    return batch;
  };
  const data = new WindowDataset(spec, pieces, T, vary);

  it('are the very windows in the form that their place in the order draws', () => {
    const plain = filled(new WindowDataset(spec, pieces, T), 9, 0);
    const varied = filled(data, 9, 0, randomOf);
    expect(new Set(order.map((_, place) => shiftAt(place))).size).toBeGreaterThan(5);
    for (let b = 0; b < 9; b++) {
      for (let t = 0; t < T; t++) {
        const row = t * 9 + b;
        for (const k of [0, 1]) expect(varied.categories[k][row]).toBe(plain.categories[k][row] + shiftAt(b));
        expect(varied.targets.pitch[row]).toBe(plain.targets.pitch[row] + shiftAt(b));
        expect(varied.features[2 * row]).toBe(plain.features[2 * row]);
      }
    }
  });

  it('do not depend on how they are cut into batches', () => {
    const whole = filled(data, 9, 0, randomOf);
    const rest = filled(data, 4, 5, randomOf);
    for (let b = 0; b < 4; b++) expect(rest.categories[0][b]).toBe(whole.categories[0][5 + b]);
  });

  it('are as they are where there is nothing to draw from', () => {
    expect(filled(data, 9, 0)).toEqual(filled(new WindowDataset(spec, pieces, T), 9, 0));
    expect(data.isVaried).toBe(true);
    expect(new WindowDataset(spec, pieces, T).isVaried).toBe(false);
  });
});

describe('the windows of a set of sequences', () => {
  it('are all there is, none across a border, and each is filled with its own positions', () => {
    fc.assert(
      fc.property(lengths, steps, fc.constantFrom('last' as const, 'all' as const), (lengths, T, lossOn) => {
        const windows = allWindows(lengths, T);
        fc.pre(windows.length > 0);
        const dataset = new WindowDataset(manyClasses(lossOn), lengths.map((n, piece) => numbered(piece, n)), T); // prettier-ignore
        expect(dataset.size).toBe(windows.length);
        const B = windows.length;
        const batch = dataset.createBatch(B, lossOn);
        // Backwards, so that an order mixed up shows.
        dataset.fill(
          batch,
          Array.from({ length: B }, (_, w) => B - 1 - w),
        );
        for (let b = 0; b < B; b++) {
          const { piece, start } = windows[B - 1 - b];
          const at = (t: number, column: number): number => piece * 1000 + (start + t) * 10 + column;
          for (let t = 0; t < T; t++) {
            const row = t * B + b;
            expect(batch.categories.map((c) => c[row])).toEqual([at(t, 1), at(t, 2)]);
            expect([...batch.features.slice(2 * row, 2 * row + 2)]).toEqual([at(t, 3), at(t, 4)]);
            if (lossOn === 'all') {
              expect([batch.targets.pitch[row], batch.targets.step[row]]).toEqual([at(t + 1, 5), at(t + 1, 6)]);
            }
          }
          if (lossOn === 'last') {
            expect([batch.targets.pitch[b], batch.targets.step[b]]).toEqual([at(T, 5), at(T, 6)]);
          }
        }
      }),
    );
  });

  it('may be filled from any place of a list of their numbers, into the same batch again', () => {
    const dataset = new WindowDataset(manyClasses(), [numbered(0, 10)], 3);
    const batch = dataset.createBatch(2, 'last');
    dataset.fill(batch, [0, 1, 5, 6], 2);
    expect([...batch.categories[0]]).toEqual([51, 61, 61, 71, 71, 81]);
    dataset.fill(batch, [0, 1, 5, 6]);
    expect([...batch.categories[0]]).toEqual([1, 11, 11, 21, 21, 31]);
  });

  it('come in batches of the right types and sizes', () => {
    const dataset = new WindowDataset(manyClasses(), [numbered(0, 10)], 3);
    const batch = dataset.createBatch(4, 'all');
    expect(batch).toMatchObject({ size: 4, steps: 3, lossOn: 'all' });
    expect(batch.categories.map((c) => [c.constructor, c.length])).toEqual([[Int32Array, 12], [Int32Array, 12]]); // prettier-ignore
    expect(batch.features).toHaveLength(24);
    expect(batch.targets.pitch).toBeInstanceOf(Int32Array);
    expect(batch.targets.step).toBeInstanceOf(Float32Array);
    expect(dataset.createBatch(4, 'last').targets.pitch).toHaveLength(4);
  });

  it('do not exist outside their numbers', () => {
    const dataset = new WindowDataset(manyClasses(), [numbered(0, 10)], 3);
    const batch = dataset.createBatch(1, 'last');
    for (const window of [-1, 7, NaN, 1e9]) {
      expect(() => {
        dataset.fill(batch, [window]);
      }).toThrow(RangeError);
    }
  });

  it('say which sequences have none, and take the others', () => {
    const lengths = [3, 10, 0, 4, 2];
    const dataset = new WindowDataset(manyClasses(), lengths.map((n, piece) => numbered(piece, n)), 3); // prettier-ignore
    expect(dataset.tooShort).toEqual([0, 2, 4]);
    expect(dataset.size).toBe(7 + 1);
    expect(new WindowDataset(manyClasses(), [numbered(0, 10)], 3).tooShort).toEqual([]);
  });

  it('are an error when there is none, which says how long the sequences would have to be', () => {
    expect(() => new WindowDataset(manyClasses(), [numbered(0, 3), numbered(1, 2)], 3)).toThrow(DataError);
    expect(() => new WindowDataset(manyClasses(), [numbered(0, 3)], 3)).toThrow(
      'the longest of 1 sequences has 3, and 4',
    );
    expect(() => new WindowDataset(manyClasses(), [], 3)).toThrow(DataError);
  });
});
