import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DataError, UsageError } from '../../src/errors.ts';
import { atOnce, StreamDataset, type ModelSpec, type Sequence, type StreamOptions } from '../../src/nn/index.ts';
import { planFor } from '../../src/nn/epochs.ts';
import { Random } from '../../src/tensor/index.ts';

/** One feature that says which piece and position it is, and a target that says the same. */
const SPEC: ModelSpec = {
  inputs: { categories: [], features: ['place'] },
  lstm: { layers: 1, hiddenSize: 2, dropout: 0 },
  heads: [{ name: 'place', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
  lossOn: 'all',
  evaluateOn: 'all',
};
const PIECE = 1000;

function piecesOf(lengths: readonly number[]): Sequence[] {
  return lengths.map((length, piece) => {
    const place = Float32Array.from({ length }, (_, t) => PIECE * piece + t);
    return { length, categories: [], features: place, targets: { place } };
  });
}

/** What each row of each batch of an epoch has: the places read and asked, and whether it goes on. */
function epochOf(data: StreamDataset, rows: number, seed: number) {
  const order = atOnce(data.streams.order(rows, Random.stream(seed, 'shuffle')));
  const batch = data.createBatch(rows, 'all');
  return Array.from({ length: order.length / rows }, (_, at) => {
    data.fill(batch, order, at * rows);
    return Array.from({ length: rows }, (_row, b) => {
      const of = (values: ArrayLike<number>): number[] => Array.from({ length: batch.lengths![b] }, (_t, t) => values[t * rows + b]);
      return { counts: batch.weights![b], carry: batch.carry![b], read: of(batch.features), asked: of(batch.targets.place) };
    });
  });
} // prettier-ignore

const lengths = fc.array(fc.integer({ min: 1, max: 23 }), { minLength: 1, maxLength: 12 }).filter((all) => all.some((length) => length > 1)); // prettier-ignore
const shapes = { steps: fc.integer({ min: 1, max: 7 }), rows: fc.integer({ min: 1, max: 5 }), seed: fc.nat(1000) };

describe.each(['next', 'steps'] as const)('streams of pieces that are asked for %s', (asked) => {
  const ahead = asked === 'next' ? 1 : 0;

  it('teach every step of every piece once an epoch, in order, going on from the step before it', () => {
    fc.assert(
      fc.property(lengths, fc.record(shapes), (all, { steps, rows, seed }) => {
        const data = new StreamDataset(SPEC, piecesOf(all), steps, { asked });
        const taught = new Map<number, number>();
        const at: (number | undefined)[] = [];
        for (const batch of epochOf(data, rows, seed)) {
          batch.forEach(({ counts, carry, read, asked: wanted }, b) => {
            expect([0, 1]).toContain(counts);
            if (counts === 0) {
              expect(carry).toBe(0);
              at[b] = undefined;
              return;
            }
            expect(read[0]).toBe(carry === 1 ? at[b]! + 1 : Math.floor(read[0] / PIECE) * PIECE);
            expect(wanted).toEqual(read.map((place) => place + ahead));
            expect(read).toEqual(read.map((_, t) => read[0] + t));
            for (const place of wanted) taught.set(place, (taught.get(place) ?? 0) + 1);
            at[b] = read.at(-1);
          });
        }
        const expected = all.flatMap((length, piece) => Array.from({ length: length - ahead }, (_, t) => PIECE * piece + t + ahead)); // prettier-ignore
        expect([...taught.keys()].sort((a, b) => a - b)).toEqual(expected);
        expect(new Set(taught.values())).toEqual(new Set([1]));
      }),
    );
  });
});

describe('streams', () => {
  it('are dealt to rows about equally, and take as many batches whatever the order', () => {
    fc.assert(
      fc.property(lengths, fc.record(shapes), (all, { steps, rows, seed }) => {
        const data = new StreamDataset(SPEC, piecesOf(all), steps);
        const longest = Math.max(...all.map((length) => Math.ceil((length - 1) / steps)));
        for (const epoch of [epochOf(data, rows, seed), epochOf(data, rows, seed + 1)]) {
          expect(epoch).toHaveLength(data.streams.batches(rows));
          const read = Array.from({ length: rows }, (_, b) => epoch.filter((batch) => batch[b].counts === 1).length);
          expect(Math.max(...read)).toBe(epoch.length);
          expect(Math.max(...read) - Math.min(...read)).toBeLessThanOrEqual(longest);
        }
      }),
    );
  });

  it('have another order in each epoch, the same from the same seed', () => {
    const data = new StreamDataset(SPEC, piecesOf([9, 9, 9, 9, 9, 9, 9, 9]), 4);
    expect(epochOf(data, 2, 1)).toEqual(epochOf(data, 2, 1));
    expect(epochOf(data, 2, 1)).not.toEqual(epochOf(data, 2, 2));
  });

  it('vary a piece as a whole, anew in each epoch and the same in a run that goes on in the middle of one', () => {
    const pieces = piecesOf([20, 13, 7, 9]);
    const vary: StreamOptions['vary'] = (index, from, count, random) => {
      expect([from, count]).toEqual([0, pieces[index].length]);
      // Exact in float32.
      const by = random.integer(33) / 64;
      const place = Float32Array.from(pieces[index].features, (each) => each + by);
      return { length: count, categories: [], features: place, targets: { place } };
    };
    const data = new StreamDataset(SPEC, pieces, 4, { vary });
    expect(data.isVaried).toBe(true);
    const order = atOnce(data.streams.order(2, Random.stream(1, 'shuffle')));
    const shifts = (epoch: number, from = 0) => {
      const batch = data.createBatch(2, 'all');
      const found: Record<number, Set<number>> = {};
      for (let at = from; at < order.length; at += 2) {
        data.fill(batch, order, at, (place) => Random.stream(5, `vary ${epoch} ${place}`));
        for (const b of [0, 1]) {
          if (batch.weights![b] === 0) continue;
          const [place, target] = [batch.features[b], (batch.targets.place as Float32Array)[b]];
          expect(target - place).toBeCloseTo(1, 4);
          (found[Math.floor(place / PIECE)] ??= new Set()).add(place % 1);
        }
      }
      return found;
    };
    const first = shifts(0);
    expect(Object.values(first).map(({ size }) => size)).toEqual([1, 1, 1, 1]);
    for (const [piece, set] of Object.entries(shifts(0, 4))) expect(set).toEqual(first[Number(piece)]);
    expect(shifts(1)[0]).not.toEqual(first[0]);
    const batch = data.createBatch(2, 'all');
    data.fill(batch, order);
    expect(batch.features[0] % 1).toBe(0);
  });

  it('are judged without chance, whole pieces of about so many windows', () => {
    const data = new StreamDataset(SPEC, piecesOf([9, 9, 9, 9, 9, 1]), 4);
    expect(data.tooShort).toEqual([5]);
    expect([data.size, data.streams.rows]).toEqual([10, 5]);
    const all = Array.from(data.streams.toJudge(3, Infinity)).filter((window) => window < data.size);
    expect(all.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const some = Array.from(data.streams.toJudge(3, 5)).filter((window) => window < data.size);
    expect(some).toHaveLength(4);
    expect(Array.from(data.streams.toJudge(1, 1))).toHaveLength(2);
  });

  it('divide a run into epochs of as many steps as the longest row has, of no more rows than pieces', () => {
    const data = new StreamDataset(SPEC, piecesOf([9, 9, 9, 5]), 4);
    const plan = (config: object) => planFor(data, { batchSize: 8, stepsPerEpoch: null, epochs: 3, ...config });
    expect(plan({})).toEqual({ batchSize: 4, accumulate: 1, batches: 2, passes: 1, epochs: 3, steps: 6 });
    expect(plan({ batchSize: 2 })).toMatchObject({ batchSize: 2, batches: 4, steps: 12 });
    expect(plan({ batchSize: 2, stepsPerEpoch: 3, epochs: null })).toMatchObject({ batches: 3, epochs: null, steps: Infinity }); // prettier-ignore
  });

  it('are refused where they cannot be', () => {
    expect(() => new StreamDataset({ ...SPEC, lossOn: 'last' }, piecesOf([9]), 4)).toThrow(UsageError);
    const bothWays: ModelSpec = { ...SPEC, lstm: { ...SPEC.lstm, bidirectional: true } };
    expect(() => new StreamDataset(bothWays, piecesOf([9]), 4)).toThrow(/bidirectional/);
    expect(() => new StreamDataset(SPEC, piecesOf([1, 1]), 4)).toThrow(DataError);
    expect(() => new StreamDataset(SPEC, piecesOf([]), 4)).toThrow(DataError);
    expect(() => new StreamDataset(SPEC, piecesOf([9]), 4).createBatch(1, 'last')).toThrow(/evaluateOn "all"/);
    const data = new StreamDataset(SPEC, piecesOf([9]), 4);
    expect(() => data.fill(data.createBatch(1, 'all'), [3])).toThrow(RangeError);
  });
});
