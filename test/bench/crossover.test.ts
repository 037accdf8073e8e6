import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFrontier } from '../../bench/crossover.ts';

const HIDDEN = [32, 64, 128, 256, 512];
const BATCHES = [8, 16, 32, 64];

/** For each batch size the place in HIDDEN from which the GPU wins, HIDDEN.length where it never does; never rising. */
const thresholds = fc
  .array(fc.integer({ min: 0, max: HIDDEN.length }), { minLength: BATCHES.length, maxLength: BATCHES.length })
  .map((places) => places.toSorted((a, b) => b - a)); // prettier-ignore

describe('findFrontier', () => {
  it('finds the least model of every batch size, and measures no more sizes than there are of both', async () => {
    await fc.assert(
      fc.asyncProperty(thresholds, async (places) => {
        let measured = 0;
        const frontier = await findFrontier(HIDDEN, BATCHES, ({ batchSize, hiddenSize }) => {
          measured++;
          return Promise.resolve(HIDDEN.indexOf(hiddenSize) >= places[BATCHES.indexOf(batchSize)]);
        });
        const expected = BATCHES.flatMap((batchSize, index) => {
          const place = places[index];
          return place < HIDDEN.length ? [{ batchSize, hiddenSize: HIDDEN[place] }] : [];
        });
        expect(frontier).toEqual(expected);
        expect(measured).toBeLessThanOrEqual(HIDDEN.length + BATCHES.length);
      }),
    );
  });

  it('is empty where SIMD always wins, after one measurement for each batch size', async () => {
    const asked: number[] = [];
    const frontier = await findFrontier(HIDDEN, BATCHES, ({ hiddenSize }) => {
      asked.push(hiddenSize);
      return Promise.resolve(false);
    });
    expect([frontier, asked]).toEqual([[], [512, 512, 512, 512]]);
  });
});
