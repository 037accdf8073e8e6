import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Coder, standardOf } from '../../src/fit/coding.ts';
import { fit, loadModel, type FittedModel } from '../../src/fit/index.ts';
import { firstSteps, readProblem } from '../../src/fit/problem.ts';
import { readSequences } from '../../src/fit/table.ts';
import { CheckpointError, DataError, decodeCheckpoint, encodeCheckpoint, UsageError } from '../../src/nn/index.ts';

const SMALL = { units: 3, epochs: 1, window: 4 };
const SERIES = [1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3];
/** As a program without types would call it. */
const loosely = fit as (problem: object) => Promise<FittedModel>;

describe('data that cannot be are refused by their place', () => {
  it.each<[object, RegExp]>([
    [{ sequences: undefined }, /^sequences: expected a sequence, or an array of sequences, got undefined/],
    [{ sequences: [] }, /^sequences: expected at least one, got an empty array/],
    [{ sequences: '' }, /^sequences: expected at least one step, got none/],
    [{ sequences: [[1, 2], []] }, /^sequences\[1\]: expected at least one step, got none/],
    [{ sequences: [1, 2, NaN, 4] }, /^sequences, step 2: expected a finite number, got NaN/],
    [{ sequences: [[1, 2], [3, 1e39]] }, /^sequences\[1\], step 1: expected a finite number, got 1e\+39/],
    [{ sequences: [[1, 2], [3, null]] }, /^sequences\[1\], step 1: expected a finite number, got null/],
    [{ sequences: BigInt64Array.of(1n, 2n) }, /^sequences, step 0: expected a finite number, got 1n/],
    [{ sequences: [['a', 'b'], ['a', 3]] }, /^sequences\[1\], step 1: expected a class \(a string\), as at step 0, got 3/],
    [{ sequences: ['ab', [1, 2]] }, /^sequences\[1\]: expected classes \(strings\), as in sequences\[0\], got numbers/],
    [{ sequences: [[[1, 2], [3]]] }, /^sequences\[0\], step 1: expected a row of 2 numbers, as at step 0, got one of 1/],
    [{ sequences: [[[1, 2]], [[1]]] }, /^sequences\[1\]: expected rows of 2 numbers, as in sequences\[0\], got numbers/],
    [{ sequences: [[[]]] }, /step 0: expected a row of at least one number, got an empty one/],
    [{ sequences: ['ab', {}] }, /^sequences\[1\]: expected a text, an array or a typed array, got an object/],
    [{ sequences: ['a', 'b'] }, /expected one with at least two steps, to learn what comes next/],
    [{ sequences: ['ab', 'cd'], answers: 'x' }, /^answers: expected an array, got "x"/],
    [{ sequences: ['ab', 'cd'], answers: ['x'] }, /^answers: expected one for each of 2 sequences, got 1/],
    [{ sequences: ['ab', 'cd'], answers: ['x', 3] }, /^answers\[1\]: expected a string, as in answers\[0\], got 3/],
    [{ sequences: ['ab', 'cd'], answers: [1, NaN] }, /^answers\[1\], step 0: expected a finite number, got NaN/],
    [{ sequences: ['ab', 'cd'], answers: [['x', 'y'], ['x']] }, /^answers\[1\]: expected one for each of 2 steps of its sequence, got 1/],
    [{ sequences: ['ab', 'cd'], answers: [['x', 'y'], 'x'] }, /^answers\[1\]: expected a list with an answer for each step, got "x"/],
    [{ sequences: ['ab', 'cd'], answers: [['x', 'y'], [1, 2]] }, /^answers\[1\]: expected classes \(strings\), as in answers\[0\], got numbers/],
    [{ sequences: SERIES, answers: [1, 2] }, /^answers: expected one for each of 11 steps of its sequence, got 2/],
    [{ sequences: ['ab', 'cd'], answers: [1, 2], loss: 'binary' }, /the loss "binary" expects numbers from 0 \(no\) to 1 \(yes\), got 2/],
  ])('$1', async (problem, message) => {
    const refused = loosely({ ...SMALL, ...problem });
    await expect(refused).rejects.toThrow(DataError);
    await expect(refused).rejects.toThrow(message);
  });
}); // prettier-ignore

describe('options that cannot be are refused by name', () => {
  const labelled = { sequences: ['ab', 'cd'], answers: ['x', 'y'] };
  it.each<[object, RegExp]>([
    [{ unit: 3 }, /^unit: there is no such option. There are units, layers/],
    [{ units: 0 }, /^units: expected a whole number from 1 to 65,536, got 0/],
    [{ cell: 'gur' }, /cell: expected one of lstm, .* got "gur"/],
    [{ epochs: 1.5 }, /^epochs: expected a whole number of at least 1, got 1.5/],
    [{ learningRate: 0 }, /^learningRate: expected a number above 0, got 0/],
    [{ dropout: 1 }, /^dropout: expected a number of at least 0 and below 1, got 1/],
    [{ validation: -1 }, /^validation: expected a number/],
    [{ threads: 0 }, /^threads: expected "auto" or a whole number of at least 1, got 0/],
    [{ backend: 'nothing' }, /backend/],
    [{ loss: 'cubed' }, /expected one of squared, absolute, .* got "cubed"/],
    [{ loss: { kind: 'quantile', levels: [2] } }, /levels: expected rising numbers between 0 and 1, got 2/],
    [{ weights: [1] }, /^weights: they count whole sequences, and need answers/],
    [{ classWeights: { x: 1 } }, /^classWeights: this model predicts numbers/],
    [{ ...labelled, loss: 'squared' }, /^loss: this model predicts classes/],
    [{ ...labelled, classWeights: { z: 1 } }, /^classWeights: there is no class "z"/],
    [{ ...labelled, weights: [1] }, /^weights: expected one for each of 2 sequences, got 1/],
  ])('$1', async (options, message) => {
    const refused = loosely({ ...SMALL, sequences: SERIES, ...options });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  });
});

describe('a model refuses', () => {
  let numbers: FittedModel;
  let words: FittedModel;
  beforeAll(async () => {
    numbers = await fit({ ...SMALL, sequences: SERIES });
    words = await fit({ ...SMALL, sequences: ['ab', 'ba'], answers: ['x', 'y'] });
  });

  it('what it does not know', async () => {
    expect(() => words.predict(['ab', 'az'])).toThrow(/^sequences\[1\], step 1: expected one of the 2 classes that the model knows \("a", "b"\), got "z"/); // prettier-ignore
    expect(() => words.predict([[1, 2]])).toThrow(/expected one of the 2 classes.*, got rows of 1/);
    expect(() => numbers.predict('ab')).toThrow(/^sequences: expected a number, got classes/);
    expect(() => numbers.forecast([[1, 2]], 1)).toThrow(/^sequence: expected a number, got rows of 2/);
    expect(() => words.forecast('ab', 1)).toThrow(
      /trained on one answer for each sequence, and not on what comes next/,
    );
    expect(() => numbers.forecast(SERIES, -1)).toThrow(/whole number of steps, 0 or more, got -1/);
    expect(() => words.evaluate(['ab'])).toThrow(/expected one answer for each sequence, got sequences alone/);
    expect(() => words.evaluate(['ab'], ['z'])).toThrow(/the answer of sequences\[0\], step 0: expected one of the 2 classes/); // prettier-ignore
    expect(() => numbers.evaluate([1])).toThrow(/no sequence has a second step/);
    const stream = await numbers.stream();
    expect(() => stream.predict()).toThrow(/nothing was read yet/);
    expect(() => stream.push('a')).toThrow(/^step 0: expected a finite number, got "a"/);
    expect(() => stream.push([1, 2])).toThrow(/^step 0: expected a number, got an array/);
    expect(() => stream.push(Infinity)).toThrow(/^step 0: expected a finite number, got Infinity/);
    expect(stream.steps).toBe(0);
  });

  it('files that are none, are damaged, or are of other models', async () => {
    await expect(loadModel(new Uint8Array(9))).rejects.toThrow(CheckpointError);
    const checkpoint = decodeCheckpoint(words.save());
    const forged = (extra: object): Promise<unknown> => loadModel(encodeCheckpoint({ ...checkpoint, extra: { ...extra } }));
    await expect(forged({})).rejects.toThrow(/holds a model that `fit` did not make/);
    const saved = checkpoint.extra.fit as Record<string, unknown>;
    await expect(forged({ fit: { ...saved, version: 2 } })).rejects.toThrow(/of version 2; this Etude reads version 1/);
    for (const wrong of [
      { task: 'other' },
      { history: {} },
      { reason: 1 },
      { input: { kind: 'classes', classes: ['a', 'a'] } },
      { input: { kind: 'numbers', mean: [0], deviation: [1] } },
      { output: { kind: 'classes', classes: ['x'] } },
      { output: { kind: 'numbers', mean: [0, 0], deviation: [1, 0] } },
    ]) {
      await expect(forged({ fit: { ...saved, ...wrong } }), JSON.stringify(wrong)).rejects.toThrow(/does not fit its weights; it is damaged/);
    }
  }); // prettier-ignore

  it('files that were cut off, or changed in any byte of their description, never with another error', async () => {
    const bytes = words.save();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), async (at, value, cut) => {
        const damaged = cut ? bytes.slice(0, at) : bytes.map((byte, index) => (index === at ? value : byte));
        try {
          await loadModel(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 100 },
    );
  });
});

it('metrics look at the first steps of what is held out, and at all of a sequence that is asked for its end', () => {
  const lengthsOf = (answers: string[] | string[][], most: number): number[] =>
    firstSteps(readProblem(['abc', 'defg', 'h'], answers).examples, most).map(({ sequence, answer }) => 10 * sequence.length + answer.length);
  const labels = ['abc', 'defg', 'h'].map((word) => [...word]);
  expect(lengthsOf(labels, 100)).toEqual([33, 44, 11]);
  expect(lengthsOf(labels, 5)).toEqual([33, 22]);
  expect(lengthsOf(labels, 3)).toEqual([33]);
  expect(lengthsOf(['x', 'y', 'z'], 5)).toEqual([31, 41]);
}); // prettier-ignore

it('standardised numbers have mean 0 and deviation 1, and come back', () => {
  const rows = fc.array(fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(3)), { minLength: 2, maxLength: 20 }); // prettier-ignore
  fc.assert(
    fc.property(rows, (sequence) => {
      const { tables } = readSequences([sequence], 'sequences');
      const coding = standardOf(tables);
      if (coding.kind !== 'numbers') throw new Error('numbers are coded as numbers');
      const written = new Coder(coding).encode(tables[0], 'sequence');
      const first = sequence.map((_, t) => written[2 * t]);
      const spread = Math.max(...sequence.map(([value]) => value)) - Math.min(...sequence.map(([value]) => value));
      sequence.forEach(([value], t) => {
        expect(written[2 * t + 1]).toBe(0);
        expect(Math.abs(first[t] * coding.deviation[0] + coding.mean[0] - value)).toBeLessThanOrEqual(1e-6 * (spread + Math.abs(value)) + 1e-30);
      });
      if (spread > 1e-3) {
        const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
        expect(mean).toBeCloseTo(0, 4);
        expect(first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / first.length).toBeCloseTo(1, 4);
      }
    }),
  ); // prettier-ignore
});
