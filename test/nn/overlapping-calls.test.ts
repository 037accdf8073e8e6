import { describe, expect, it } from 'vitest';

import { copyBatch, type Batch } from '../../src/nn/batch.ts';
import type { Engine } from '../../src/nn/engine.ts';
import { DisposedError } from '../../src/nn/errors.ts';
import { randomBatch } from '../../src/nn/gradient-check.ts';
import { Random, ShapeError } from '../../src/tensor/index.ts';
import { EVERY_ENGINE } from '../support/every-engine.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS } from '../support/toy-model.ts';

const trainingBatch = (s: number): Batch =>
  randomBatch(TOY_SPEC, TOY_CONFIG.batchSize, TOY_STEPS, Random.stream(s, 'batch'));
const evaluationBatch = (size: number): Batch =>
  randomBatch({ ...TOY_SPEC, lossOn: 'last' }, size, TOY_STEPS, Random.stream(size, 'batch'));

/** What a row of calls gives: trains, looks, trains again, one `next` after the other. */
function calls(engine: Engine): (() => Promise<unknown>)[] {
  return [
    () => engine.trainStep(trainingBatch(1), 0.01),
    () => engine.trainStep(trainingBatch(2), 0.02),
    () => engine.readState(),
    () => engine.evaluate(evaluationBatch(5)),
    ...(engine.trainSteps ? [() => engine.trainSteps!([trainingBatch(3), trainingBatch(4)], [0.01, 0.02])] : []),
    // What threads evaluate together; gpu.js on a processor would take seconds.
    ...(engine.trainSteps ? [] : [() => engine.evaluate(evaluationBatch(64))]),
    () => engine.trainStep(trainingBatch(5), 0.01),
    () => engine.readParameters(),
  ];
}

for (const { name, create, skip } of EVERY_ENGINE) {
  describe.skipIf(skip)(`calls of an engine on ${name}${skip ? ` (skipped: ${skip})` : ''}`, () => {
    it('that overlap give what they give one after the other', async () => {
      const [patient, hasty] = [await create(), await create()];
      const expected: unknown[] = [];
      for (const call of calls(patient)) expected.push(await call());
      expect(await Promise.all(calls(hasty).map((call) => call()))).toEqual(expected);
      await Promise.all([patient.dispose(), hasty.dispose()]);
    });

    it('see their batch as it was when they were called', async () => {
      const [patient, hasty] = [await create(), await create()];
      const expected: unknown[] = [];
      for (const s of [1, 2, 3]) expected.push(await patient.trainStep(trainingBatch(s), 0.01));
      const batch = copyBatch(trainingBatch(1));
      const results = [1, 2, 3].map((s) => {
        fill(batch, trainingBatch(s));
        return hasty.trainStep(batch, 0.01);
      });
      fill(batch, trainingBatch(4));
      expect(await Promise.all(results)).toEqual(expected);
      await Promise.all([patient.dispose(), hasty.dispose()]);
    });

    it('are not held up by one that fails', async () => {
      const engine = await create();
      const long = randomBatch(TOY_SPEC, TOY_CONFIG.batchSize, TOY_STEPS + 1, Random.stream(1, 'batch'));
      const failing = engine.trainStep(long, 0.01);
      const next = engine.trainStep(trainingBatch(1), 0.01);
      await expect(failing).rejects.toThrow(ShapeError);
      expect((await next).loss).toBeGreaterThan(0);
      expect((await engine.readState()).step).toBe(1);
      await engine.dispose();
    });

    it('end before it is disposed of, and after that are refused', async () => {
      const engine = await create();
      const step = engine.trainStep(trainingBatch(1), 0.01);
      const disposed = engine.dispose();
      const late = engine.trainStep(trainingBatch(2), 0.01);
      await expect(late).rejects.toThrow(DisposedError);
      expect((await step).loss).toBeGreaterThan(0);
      await disposed;
      for (const call of calls(engine)) await expect(call()).rejects.toThrow(DisposedError);
      await engine.dispose();
    });
  });
}

/** Overwrites the numbers of `batch`, whose arrays are plain ones. */
function fill(batch: Batch, { categories, features, targets }: Batch): void {
  const copy = (to: ArrayLike<number>, from: ArrayLike<number>): void => {
    for (let at = 0; at < from.length; at++) (to as number[])[at] = from[at];
  };
  categories.forEach((from, k) => {
    copy(batch.categories[k], from);
  });
  copy(batch.features, features);
  for (const [head, from] of Object.entries(targets!)) copy(batch.targets![head], from);
}
