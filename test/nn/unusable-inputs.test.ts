import { describe, expect, it } from 'vitest';

import { copyBatch, type Batch } from '../../src/nn/batch.ts';
import { WindowDataset } from '../../src/nn/dataset.ts';
import { InputError } from '../../src/nn/errors.ts';
import { randomBatch } from '../../src/nn/gradient-check.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import { Stepper, WindowRunner } from '../../src/nn/stepper.ts';
import { recordSequence } from '../../src/nn/probe/index.ts';
import { HeapArena, Random, ShapeError } from '../../src/tensor/index.ts';
import { EVERY_ENGINE } from '../support/every-engine.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toySequence } from '../support/toy-model.ts';
import { initialise } from '../../src/nn/initialise.ts';
import type { Sequence } from '../../src/nn/sequence.ts';

const SIZE = TOY_CONFIG.batchSize;
const NO_CLASS = [NaN, 1.5, -1, 5, Infinity, undefined as unknown as number];
/** -1 is a target that is not asked for. */
const NO_TARGET = NO_CLASS.filter((value) => value !== -1);
const NO_NUMBER = [NaN, Infinity, -Infinity, 1e39, undefined as unknown as number];

/** A number in row `row` of step `step`; step 0 of targets at the last step is the only one. */
type Spoil = (batch: Batch, row: number, step: number, value: number) => void;

const PLACES: { what: string; values: number[]; wanted: string; spoil: Spoil }[] = [
  {
    what: 'input "note"',
    values: NO_CLASS,
    wanted: 'a class from 0 to 4',
    spoil: ({ categories, size }, row, step, value) => ((categories[0] as number[])[step * size + row] = value),
  },
  {
    what: 'input "gap"',
    values: NO_NUMBER,
    wanted: 'a finite number',
    spoil: ({ features, size }, row, step, value) => ((features as number[])[step * size + row] = value),
  },
  {
    what: 'target "note"',
    values: NO_TARGET,
    wanted: 'a class from 0 to 4',
    spoil: ({ targets, size }, row, step, value) => ((targets!.note as number[])[step * size + row] = value),
  },
  {
    what: 'target "gap"',
    values: NO_NUMBER,
    wanted: 'a finite number',
    spoil: ({ targets, size }, row, step, value) => ((targets!.gap as number[])[step * size + row] = value),
  },
];

const goodBatch = (lossOn: 'last' | 'all' = 'all', size = SIZE): Batch =>
  copyBatch(randomBatch({ ...TOY_SPEC, lossOn }, size, TOY_STEPS, Random.stream(1, 'batch')));

for (const { name, create, skip } of EVERY_ENGINE) {
  describe.skipIf(skip)(`an engine on ${name}${skip ? ` (skipped: ${skip})` : ''}`, () => {
    for (const { what, values, wanted, spoil } of PLACES) {
      it(`refuses to train where the ${what} cannot be one, and says in which row and step it stands`, async () => {
        const engine = await create();
        const before = await engine.readState();
        for (const value of values) {
          // The last row is another thread's.
          for (const [row, step] of [[SIZE - 1, 4], [0, 2]]) {
            const batch = goodBatch();
            spoil(batch, row, step, value);
            const error: unknown = await engine.trainStep(batch, 0.01).catch((thrown: unknown) => thrown);
            expect(error).toBeInstanceOf(InputError);
            expect((error as Error).message).toBe(
              `The ${what} of row ${row} at step ${step}, counted from 0, should be ${wanted}, got ${value}.`,
            );
          }
        }
        expect(await engine.readState(), 'nothing has changed').toEqual(before);
        await engine.dispose();
      }); // prettier-ignore
    }

    it('refuses to evaluate on them instead of giving NaN', async () => {
      const engine = await create();
      for (const { values, spoil } of PLACES) {
        const batch = goodBatch('last', 3);
        spoil(batch, 2, 0, values[0]);
        await expect(engine.evaluate(batch)).rejects.toThrow(InputError);
      }
      await engine.dispose();
    });
  });
}

describe('the windows of sequences', () => {
  const spoiled = (change: (sequence: { [key in keyof Sequence]: unknown }) => void): Sequence[] => {
    const { length, categories, features, targets } = toySequence(20);
    const plain = {
      length,
      categories: categories.map((each) => Array.from(each)),
      features: Array.from(features),
      targets: Object.fromEntries(Object.entries(targets).map(([name, each]) => [name, Array.from(each)])),
    };
    change(plain);
    return [toySequence(12), plain];
  };
  const made = (sequences: Sequence[]) => () => new WindowDataset(TOY_SPEC, sequences, TOY_STEPS);

  it('refuse a class or number that is none, and say in which sequence and at which step it stands', () => {
    for (const value of NO_CLASS) {
      const categories = spoiled((s) => ((s.categories as number[][])[0][7] = value));
      expect(made(categories)).toThrow(
        new InputError(`The input "note" of sequence 1 at step 7, counted from 0, should be a class from 0 to 4, got ${value}.`),
      );
    }
    for (const value of NO_TARGET) {
      const targets = spoiled((s) => ((s.targets as Record<string, number[]>).note[19] = value));
      expect(made(targets)).toThrow(/target "note" of sequence 1 at step 19/);
    }
    for (const value of NO_NUMBER) {
      expect(made(spoiled((s) => ((s.features as number[])[3] = value)))).toThrow(/input "gap" of sequence 1 at step 3/);
      const targets = spoiled((s) => ((s.targets as Record<string, number[]>).gap[0] = value));
      expect(made(targets)).toThrow(/target "gap" of sequence 1 at step 0/);
    }
  }); // prettier-ignore

  it('refuse sequences whose arrays are not as long as they say', () => {
    expect(made(spoiled((s) => (s.categories as number[][])[0].pop()))).toThrow(ShapeError);
    expect(made(spoiled((s) => (s.features as number[]).pop()))).toThrow(ShapeError);
    expect(made(spoiled((s) => delete (s.targets as Record<string, unknown>).gap))).toThrow(/"gap".*got none/);
  });
});

describe('a model that is run note by note, or looked into', () => {
  const parameters = new ParameterSet(new HeapArena(), TOY_SPEC);
  initialise(parameters, Random.stream(1, 'init'));
  const arrays = parameters.toArrays();

  it('refuses a class that does not exist and a feature that is not finite, and then goes on', () => {
    const stepper = new Stepper(TOY_SPEC, arrays);
    const step = (note: number, gap: number) => () => {
      stepper.step([note], [gap]);
    };
    for (const value of NO_CLASS) expect(step(value, 0)).toThrow(InputError);
    for (const value of NO_NUMBER) expect(step(0, value)).toThrow(/"gap" should be a finite number/);
    step(1, 0.5)();
    const fresh = new Stepper(TOY_SPEC, arrays);
    fresh.step([1], [0.5]);
    expect([...stepper.output(0)], 'the state was not touched').toEqual([...fresh.output(0)]);
  });

  it('refuses windows and recordings of them, too', () => {
    const runner = new WindowRunner(TOY_SPEC, arrays, 2);
    expect(() => {
      runner.run([[0, NaN]], [0, 0]);
    }).toThrow(/row 0 at step 1/);
    const sequence = { length: 3, categories: [[0, 1, 2.5]], features: [0, 0, 0] };
    expect(() => recordSequence(TOY_SPEC, arrays, sequence)).toThrow(/the sequence at step 2/);
  });
});
