import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Batch } from '../../../src/nn/batch.ts';
import { InputError, NonFiniteError, type NonFinitePlace } from '../../../src/nn/errors.ts';
import type { GpuEngine } from '../../../src/nn/gpu/gpu-engine.ts';
import { randomBatch } from '../../../src/nn/gradient-check.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { Random, ShapeError } from '../../../src/tensor/index.ts';
import { seed } from '../../support/generators.ts';
import { anySequenceShape, anyPlainSpec, smallSpec } from '../../support/model-specs.ts';
import { bitsOf } from '../../support/state-bits.ts';
import { expectWithin, largest, relativeError } from '../../support/tolerances.ts';
import { batches, gpuEngine, judge, train, STEPS } from './engines.ts';
import { uploadsOf } from './uploads.ts';

/** Of the largest gradient of a parameter: what sums in single precision may cost in these small models. */
const GRADIENT_BOUND = 2e-5;

/**
 * The GPU engine against the engine of this thread, in one mode.
 *
 * @param runs how many architectures
 */
export function describeGpuEngine(mode: GpuMode, runs: number): void {
  describe(`the engine of gpu.js in the mode ${mode}`, () => {
    const withEngine = async (
      engine: Promise<GpuEngine>,
      check: (engine: GpuEngine) => Promise<void>,
    ): Promise<void> => {
      const made = await engine;
      try {
        await check(made);
      } finally {
        await made.dispose();
      }
    };

    it('has the losses and gradients of any model that double precision has', () =>
      fc.assert(
        fc.asyncProperty(anyPlainSpec, anySequenceShape, seed, async (spec, { batchSize, steps }, s) => {
          // With these constants the first moments are the gradient, and nothing else happens to it.
          const options = { steps, seed: s, optimizer: { beta1: 0, beta2: 0, epsilon: 1 } };
          const batch = randomBatch(spec, batchSize, steps, Random.stream(s, 'batch'));
          await withEngine(gpuEngine(mode, spec, options), async (engine) => {
            const exact = judge(spec, options);
            await exact.writeState(await engine.readState());
            const expected = await exact.trainStep(batch, 0);
            const found = await engine.trainStep(batch, 0);
            expectWithin('losses', found.losses, expected.losses, (head) => 1e-5 * (1 + expected.losses[head]));
            expect(Math.abs(found.gradientNorm / expected.gradientNorm - 1)).toBeLessThan(GRADIENT_BOUND);
            const { optimizer, dropout } = await engine.readState();
            for (const [name, { data }] of exact.gradients.entries()) {
              if (largest(data) < 1e-12) continue;
              expect(relativeError(optimizer['adam.m']![name], data), `gradient of ${name}`).toBeLessThan(
                GRADIENT_BOUND,
              );
            }
            expect(dropout, 'as many masks were drawn').toEqual((await exact.readState()).dropout);
          });
        }),
        { numRuns: runs },
      ));

    it('trains, several steps to a plan, as the engine of this thread does', async () => {
      const spec = smallSpec({ lstm: { dropout: 0.3 } });
      const options = { optimizer: { clipNorm: 0.5 } };
      const list = batches(spec, 7);
      await withEngine(gpuEngine(mode, spec, { ...options, planSteps: 3 }), async (engine) => {
        const local = judge(spec, options, 'float32');
        const rates = list.map((_, step) => 0.01 / (step + 1));
        const found = await engine.trainSteps(list, rates);
        for (const [step, batch] of list.entries()) {
          const { losses, loss, gradientNorm, clipped } = await local.trainStep(batch, rates[step]);
          expectWithin(`losses of step ${step}`, found[step].losses, losses, () => 1e-4);
          expect(found[step].loss).toBeCloseTo(loss, 4);
          expect(found[step].gradientNorm).toBeCloseTo(gradientNorm, 3);
          expect(found[step].clipped).toBe(clipped);
        }
        const [ours, theirs] = [await engine.readState(), await local.readState()];
        expect([ours.step, ours.dropout]).toEqual([theirs.step, theirs.dropout]);
        for (const name of Object.keys(theirs.parameters)) {
          expect(relativeError(ours.parameters[name], theirs.parameters[name]), name).toBeLessThan(1e-3);
        }
      });
    });

    it('gives the same bits whether steps share a plan or not', async () => {
      const spec = smallSpec({ lstm: { dropout: 0.3 }, lossOn: 'last' });
      const list = batches(spec, 5);
      const states: unknown[] = [];
      for (const planSteps of [1, 2]) {
        await withEngine(gpuEngine(mode, spec, { planSteps }), async (engine) => {
          await engine.trainSteps(list, Array<number>(5).fill(0.01));
          states.push(bitsOf(await engine.readState()));
        });
      }
      expect(states[1]).toEqual(states[0]);
    });

    it('evaluates the last step without dropout, and changes nothing', async () => {
      const spec = smallSpec({ lstm: { dropout: 0.3 } });
      const [judged] = batches({ ...spec, lossOn: 'last' }, 1, 7);
      await withEngine(gpuEngine(mode, spec), async (engine) => {
        await train(engine, batches(spec, 2));
        const local = judge(spec, {}, 'float32');
        const state = await engine.readState();
        await local.writeState(state);
        expectWithin('losses', await engine.evaluate(judged), await local.evaluate(judged), () => 1e-5);
        expect(bitsOf(await engine.readState())).toEqual(bitsOf(state));
      });
    });

    it('sends the weights once for the batches of an evaluation, and gives each the losses that it has alone', async () => {
      const spec = smallSpec({ lstm: { dropout: 0.3 }, lossOn: 'last' });
      const list = [5, 5, 2, 5, 2].map((size, s) => randomBatch(spec, size, STEPS, Random.stream(s, 'batch')));
      await withEngine(gpuEngine(mode, spec, { planEvaluations: 4 }), async (engine) => {
        const alone: number[][] = [];
        const each = await uploadsOf(mode, spec, async () => {
          for (const batch of list) alone.push(await engine.evaluate(batch));
        });
        expect(each).toBe(list.length);
        const together = async (count: number): Promise<number[][]> => engine.evaluateBatches(list.slice(0, count));
        let losses: number[][] = [];
        expect(await uploadsOf(mode, spec, async () => { losses = await together(4); })).toBe(1); // prettier-ignore
        expect(losses).toEqual(alone.slice(0, 4));
        const more = await uploadsOf(mode, spec, async () => { losses = await together(5); }); // prettier-ignore
        expect(more, 'one more than a plan takes').toBe(2);
        expect(losses).toEqual(alone);
        const parameters = await engine.readParameters();
        parameters['heads.pitch.kernel'].fill(0);
        await engine.writeParameters(parameters);
        expect(await together(5), 'the weights are those of now').not.toEqual(alone);
        await expect(engine.evaluateBatches([list[0], batches(spec, 1, 3, STEPS + 1)[0]])).rejects.toThrow(ShapeError);
      });
    });

    it('goes on from a saved state to the last bit, and from that of another engine to rounding', async () => {
      const spec = smallSpec({ lstm: { dropout: 0.3 } });
      const list = batches(spec, 6);
      await withEngine(gpuEngine(mode, spec), async (whole) => {
        await train(whole, list.slice(0, 3));
        const saved = await whole.readState();
        const losses = await train(whole, list.slice(3));
        await withEngine(gpuEngine(mode, spec, { seed: 9 }), async (second) => {
          await second.writeState(saved);
          expect(bitsOf(await second.readState())).toEqual(bitsOf(saved));
          expect(await train(second, list.slice(3))).toEqual(losses);
        });
        const simd = judge(spec, { seed: 5 }, 'simd');
        await simd.writeState(saved);
        expectWithin('losses on simd', await train(simd, list.slice(3)), losses, () => 1e-4);
        await whole.writeState(await simd.readState());
        expectWithin('and back', await train(whole, list), await train(simd, list), () => 1e-4);
      });
    });

    it('takes batches of any size, and refuses windows of another length and classes that do not exist', async () => {
      const spec = smallSpec();
      await withEngine(gpuEngine(mode, spec, { planSteps: 2 }), async (engine) => {
        const local = judge(spec, {}, 'float32');
        const list = [3, 3, 1, 3].map((size, s) => randomBatch(spec, size, STEPS, Random.stream(s, 'batch')));
        const found = await engine.trainSteps(list, [0.01, 0.01, 0.01, 0.01]);
        expectWithin('losses', found.map(({ loss }) => loss), await train(local, list), () => 1e-4); // prettier-ignore
        const before = bitsOf(await engine.readState());
        const long = randomBatch(spec, 3, STEPS + 1, Random.stream(1, 'batch'));
        await expect(engine.trainStep(long, 0.01)).rejects.toThrow(ShapeError);
        await expect(engine.evaluate(long)).rejects.toThrow(ShapeError);
        const targets = { ...list[0].targets, pitch: Array<number>(12).fill(5) };
        const noClass = { ...list[0], targets };
        await expect(engine.trainSteps([list[1], noClass], [0.01, 0.01])).rejects.toThrow(InputError);
        const categories = [Array<number>(12).fill(-1), list[0].categories[1]];
        await expect(engine.trainStep({ ...list[0], categories }, 0.01)).rejects.toThrow(InputError);
        expect(bitsOf(await engine.readState())).toEqual(before);
      });
    });

    describe('a value that is not finite', () => {
      const spec = smallSpec({ lstm: { dropout: 0.3 } });

      /** Two good steps, then one that `poison` has spoiled: it must fail at `place` and leave no trace. */
      const expectFailure = (
        place: Partial<NonFinitePlace>,
        poison: (engine: GpuEngine, batch: Batch) => Promise<Batch>,
      ): Promise<void> =>
        withEngine(gpuEngine(mode, spec, { planSteps: 3 }), async (engine) => {
          const [one, two, three] = batches(spec, 3);
          await train(engine, [one, two]);
          const batch = await poison(engine, three);
          const before = bitsOf(await engine.readState());
          const error: unknown = await engine.trainStep(batch, 0.01).catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(NonFiniteError);
          expect((error as NonFiniteError).place).toMatchObject(place);
          expect(bitsOf(await engine.readState()), 'the engine is as it was').toEqual(before);
        });

      it('in a weight is found and named, whatever the GPU makes of it', () =>
        expectFailure({ stage: 'parameters', layer: 'lstm.1', gate: 'f' }, async (engine, batch) => {
          const parameters = await engine.readParameters();
          parameters['lstm.1.bias'][5] = NaN;
          await engine.writeParameters(parameters);
          return batch;
        }));

      it('in the middle of a plan ends it before that step, as if each had been alone', () =>
        withEngine(gpuEngine(mode, spec, { planSteps: 3 }), async (engine) => {
          const list = batches(spec, 4);
          const targets = { ...list[1].targets, step: Array.from(list[1].targets!.step).fill(3e38) };
          const bad = { ...list[1], targets };
          const results = await engine.trainSteps([list[0], bad, list[2]], [0.01, 0.01, 0.01]);
          expect(results).toHaveLength(1);
          expect((await engine.readState()).step).toBe(1);
          await expect(engine.trainSteps([bad, list[2], list[3]], [0.01, 0.01, 0.01])).rejects.toThrow(NonFiniteError);
          const rest = await engine.trainSteps(list.slice(1), [0.01, 0.01, 0.01]);
          await withEngine(gpuEngine(mode, spec), async (untouched) => {
            const losses = await train(untouched, list);
            expect([...results, ...rest].map(({ loss }) => loss)).toEqual(losses);
            expect(bitsOf(await untouched.readState())).toEqual(bitsOf(await engine.readState()));
          });
        }));

      it('comes of a learning rate that is far too large, and the weights before that step stay', () =>
        withEngine(gpuEngine(mode, smallSpec(), { planSteps: 4 }), async (engine) => {
          const list = batches(smallSpec(), 4);
          let before = await engine.readState();
          let failure: unknown;
          for (let round = 0; round < 10 && !(failure instanceof Error); round++) {
            before = await engine.readState();
            failure = await engine.trainSteps(list, Array<number>(4).fill(1e38)).catch((thrown: unknown) => thrown);
          }
          expect(failure).toBeInstanceOf(NonFiniteError);
          expect(bitsOf(await engine.readState())).toEqual(bitsOf(before));
        }));
    });
  });
}
