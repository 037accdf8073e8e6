import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Batch } from '../../src/nn/batch.ts';
import { WindowDataset } from '../../src/nn/dataset.ts';
import { weightedLoss } from '../../src/nn/engine.ts';
import { InputError, NonFiniteError, type NonFinitePlace } from '../../src/nn/errors.ts';
import { randomBatch } from '../../src/nn/gradient-check.ts';
import { LocalEngine } from '../../src/nn/local-engine.ts';
import { GATES } from '../../src/nn/cells/lstm.ts';
import { ADAM_DEFAULTS, type OptimizerSpec } from '../../src/nn/optimizers/spec.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { HeapArena, Random, ReferenceKernels, ShapeError, type Precision } from '../../src/tensor/index.ts';
import { seed } from '../support/generators.ts';
import { anySpec, smallSpec } from '../support/model-specs.ts';
import { bitsOf } from '../support/state-bits.ts';
import { expectWithin } from '../support/tolerances.ts';

const STEPS = 4;

function createEngine(
  spec: ModelSpec,
  options: { seed?: number; steps?: number; optimizer?: Partial<OptimizerSpec>; precision?: Precision } = {},
): LocalEngine {
  const { seed = 1, steps = STEPS, optimizer, precision = 'float32' } = options;
  return new LocalEngine(spec, {
    kernels: new ReferenceKernels(new HeapArena(precision)),
    optimizer: { ...ADAM_DEFAULTS, ...optimizer } as OptimizerSpec,
    steps,
    init: Random.stream(seed, 'init'),
    dropout: Random.stream(seed, 'dropout'),
  });
}

const batches = (spec: ModelSpec, count: number, size = 3): Batch[] =>
  Array.from({ length: count }, (_, s) => randomBatch(spec, size, STEPS, Random.stream(s, 'batch')));

async function train(engine: LocalEngine, list: Batch[], learningRate = 0.01): Promise<number[]> {
  const losses: number[] = [];
  for (const batch of list) losses.push((await engine.trainStep(batch, learningRate)).loss);
  return losses;
}

/** Five pitches in a circle, the step two after each: what follows is certain. */
function circle(): { spec: ModelSpec; dataset: WindowDataset } {
  const spec: ModelSpec = {
    inputs: { categories: [{ name: 'pitch', size: 5 }], features: ['step'] },
    lstm: { layers: 1, hiddenSize: 12, dropout: 0 },
    heads: [
      { name: 'pitch', kind: 'categorical', size: 5, lossWeight: 1 },
      { name: 'step', kind: 'scalar', lossWeight: 1, positivePressure: 10 },
    ],
    lossOn: 'all',
  };
  const pitches = Array.from({ length: 60 }, (_, t) => t % 5);
  const steps = pitches.map((pitch) => (pitch === 2 ? 1 : 0.25));
  const sequence = { length: 60, categories: [pitches], features: steps, targets: { pitch: pitches, step: steps } };
  return { spec, dataset: new WindowDataset(spec, [sequence], STEPS) };
}

describe('training on this thread', () => {
  it('learns a tune that repeats', async () => {
    const { spec, dataset } = circle();
    const engine = createEngine(spec);
    const batch = dataset.createBatch(16, 'all');
    const random = Random.stream(1, 'shuffle');
    const losses: number[] = [];
    for (let step = 0; step < 150; step++) {
      dataset.fill(
        batch,
        Array.from({ length: 16 }, () => random.integer(dataset.size)),
      );
      losses.push((await engine.trainStep(batch, 0.02)).loss);
    }
    expect(losses[0]).toBeGreaterThan(Math.log(5) * 0.7);
    expect(losses[149]).toBeLessThan(0.1);
    const judged = dataset.createBatch(dataset.size, 'last');
    dataset.fill(
      judged,
      Array.from({ length: dataset.size }, (_, window) => window),
    );
    const [pitch, step] = await engine.evaluate(judged);
    expect(pitch).toBeLessThan(0.05);
    expect(step).toBeLessThan(0.05);
  });

  it('gives the losses before the update, their weighted sum, and the norm of the gradient', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, seed, async (spec, s) => {
        const engine = createEngine(spec, { seed: s });
        const [batch] = batches(spec, 1);
        const { losses, loss, gradientNorm, clipped } = await engine.trainStep(batch, 0);
        const again = await engine.trainStep(batch, 0);
        if (spec.lstm.dropout === 0 && !spec.inputs.dropout)
          expect(again.losses, 'a rate of 0 changes nothing').toEqual(losses);
        expect(loss).toBe(weightedLoss(spec, losses));
        expect(loss).toBeCloseTo(spec.heads.reduce((sum, head, k) => sum + head.lossWeight * losses[k], 0), 12); // prettier-ignore
        const norm = Math.hypot(...engine.gradients.flat.data);
        expect(again.gradientNorm).toBeCloseTo(norm, 5);
        expect([gradientNorm > 0, clipped]).toEqual([true, false]);
      }),
      { numRuns: 10 },
    );
  });

  it('is the same to the last bit for the same seed, and not for another', async () => {
    const spec = smallSpec({ lstm: { dropout: 0.3 } });
    const run = async (seed: number): Promise<unknown> => {
      const engine = createEngine(spec, { seed });
      await train(engine, batches(spec, 5));
      return bitsOf(await engine.readState());
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it.each([0, 0.3])('goes on from a saved state to the last bit, with dropout %d', async (dropout) => {
    const spec = smallSpec({ lstm: { dropout } });
    const list = batches(spec, 8);
    const whole = createEngine(spec);
    const losses = await train(whole, list);
    const first = createEngine(spec);
    await train(first, list.slice(0, 3));
    const saved = await first.readState();
    await train(first, list.slice(3, 5));
    const second = createEngine(spec, { seed: 99 });
    await second.writeState(saved);
    expect(bitsOf(await second.readState())).toEqual(bitsOf(saved));
    expect(await train(second, list.slice(3))).toEqual(losses.slice(3));
    expect(bitsOf(await second.readState())).toEqual(bitsOf(await whole.readState()));
    expect(saved.step).toBe(3);
  });

  it('takes batches of any size, and refuses windows of another length', async () => {
    const spec = smallSpec();
    const engine = createEngine(spec);
    const [three] = batches(spec, 1, 3);
    const [one] = batches(spec, 1, 1);
    expect(await train(engine, [three, one, three, one])).toHaveLength(4);
    const long = randomBatch(spec, 3, STEPS + 1, Random.stream(1, 'batch'));
    await expect(engine.trainStep(long, 0.01)).rejects.toThrow(ShapeError);
    await expect(engine.evaluate(long)).rejects.toThrow(ShapeError);
    expect((await engine.readState()).step).toBe(4);
  });

  it('leaves weights and moments as they were when a class does not exist', async () => {
    const spec = smallSpec();
    const engine = createEngine(spec);
    const list = batches(spec, 2);
    await train(engine, list);
    const before = bitsOf(await engine.readState());
    const targets = { ...list[0].targets, pitch: Array<number>(12).fill(5) };
    await expect(engine.trainStep({ ...list[0], targets }, 0.01)).rejects.toThrow(InputError);
    expect(bitsOf(await engine.readState())).toEqual(before);
  });

  it('says which kernels run', () => {
    expect(createEngine(smallSpec()).name).toBe('reference');
  });
});

describe('clipping', () => {
  const spec = smallSpec();
  const [batch] = batches(spec, 1);
  const gradientAfter = async (clipNorm: number | null) => {
    const engine = createEngine(spec, { optimizer: { clipNorm }, precision: 'float64' });
    const result = await engine.trainStep(batch, 0.01);
    return { ...result, gradient: [...engine.gradients.flat.data] };
  };

  it('shortens a gradient that is too long to the limit and keeps its direction', async () => {
    const free = await gradientAfter(null);
    const limit = free.gradientNorm / 3;
    const { clipped, gradientNorm, gradient, loss } = await gradientAfter(limit);
    expect(clipped).toBe(true);
    expect(gradientNorm, 'the norm before clipping').toBe(free.gradientNorm);
    expect(loss).toBe(free.loss);
    expect(Math.hypot(...gradient)).toBeCloseTo(limit, 12);
    expectWithin('gradient', gradient, free.gradient.map((g) => g / 3), () => 1e-14); // prettier-ignore
  });

  it('leaves a gradient alone that is within the limit', async () => {
    const free = await gradientAfter(null);
    const within = await gradientAfter(free.gradientNorm);
    expect([free.clipped, within.clipped]).toEqual([false, false]);
    expect(within.gradient).toEqual(free.gradient);
  });

  it('works on the gradient that Adam then sees', async () => {
    const { gradientNorm } = await gradientAfter(null);
    const engine = createEngine(spec, { optimizer: { clipNorm: gradientNorm / 100, beta1: 0 } });
    await engine.trainStep(batch, 0.01);
    const { optimizer } = await engine.readState();
    const norm = Math.hypot(...Object.values(optimizer['adam.m']!).flatMap((values) => [...values]));
    expect(norm).toBeCloseTo(gradientNorm / 100, 6);
  });
});

describe('evaluating', () => {
  it('changes nothing: no weight, no moment, no count, no random number', async () => {
    const spec = smallSpec({ lstm: { dropout: 0.3 } });
    const last = { ...spec, lossOn: 'last' as const };
    const list = batches(spec, 4);
    const [judged] = batches(last, 1, 7);
    const [plain, evaluating] = [createEngine(spec), createEngine(spec)];
    const losses: number[] = [];
    for (const batch of list) {
      losses.push(...(await train(evaluating, [batch])));
      const before = bitsOf(await evaluating.readState());
      const first = await evaluating.evaluate(judged);
      expect(await evaluating.evaluate(judged), 'the same twice').toEqual(first);
      expect(bitsOf(await evaluating.readState())).toEqual(before);
    }
    expect(await train(plain, list)).toEqual(losses);
  });

  it('judges the last step alone, without dropout', async () => {
    const spec = smallSpec({ lossOn: 'last' });
    const [batch] = batches(spec, 1);
    const { losses } = await createEngine(spec).trainStep(batch, 0);
    expect(await createEngine(spec).evaluate(batch)).toEqual(losses);
    const dropping = smallSpec({ lossOn: 'all', lstm: { dropout: 0.3 } });
    expect(await createEngine(dropping).evaluate(batch)).toEqual(losses);
  });
});

describe('a value that is not finite', () => {
  const spec = smallSpec({ lstm: { dropout: 0.3 } });

  /** Trains two steps, lets `poison` do its work, and expects the next step to fail at `place` and to leave no trace. */
  async function expectFailure(
    place: Partial<NonFinitePlace>,
    poison: (engine: LocalEngine, batch: Batch) => Batch | undefined,
  ): Promise<NonFiniteError> {
    const engine = createEngine(spec);
    const [one, two, three] = batches(spec, 3);
    await train(engine, [one, two]);
    const batch = poison(engine, three) ?? three;
    const before = bitsOf(await engine.readState());
    const error: unknown = await engine.trainStep(batch, 0.01).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as NonFiniteError).place).toMatchObject(place);
    expect(bitsOf(await engine.readState()), 'the engine is as it was').toEqual(before);
    return error as NonFiniteError;
  }

  it('in a weight is named with its layer and its gate, for every gate of every tensor of every layer', async () => {
    for (const layer of [0, 1]) {
      for (const tensor of ['kernel', 'recurrent_kernel', 'bias']) {
        for (const [index, gate] of GATES.entries()) {
          const error = await expectFailure({ stage: 'parameters', layer: `lstm.${layer}`, gate }, (engine) => {
            const { data, shape } = engine.parameters.get(`lstm.${layer}.${tensor}`);
            // The last row, the last unit of the gate.
            const width = shape[shape.length - 1];
            data[data.length - width + ((index + 1) * width) / 4 - 1] = NaN;
            return undefined;
          });
          expect(error.message).toContain(`lstm.${layer}`);
          expect(error.message).toContain(`gate ${gate}`);
        }
      }
    }
  });

  it('in a weight of a head is named with the head', async () => {
    for (const head of ['pitch', 'step']) {
      for (const tensor of ['kernel', 'bias']) {
        const error = await expectFailure({ stage: 'parameters', layer: `heads.${head}` }, (engine) => {
          engine.parameters.get(`heads.${head}.${tensor}`).data[0] = NaN;
          return undefined;
        });
        expect(error.place.gate).toBeUndefined();
      }
    }
  });

  it('in a head’s output is named when nothing before it is to blame', async () => {
    const error = await expectFailure({ stage: 'forward', layer: 'heads.step' }, (engine) => {
      // All gates of the upper layer open, so that its outputs are near 1; four of them overflow the prediction.
      engine.parameters.get('lstm.1.bias').data.fill(100);
      engine.parameters.get('heads.step.kernel').data.fill(3e38);
      return undefined;
    });
    expect(error.loss).not.toSatisfy(Number.isFinite);
  });

  it('in the gradient alone is found there', async () => {
    // The prediction and its loss are finite; the loss weight times twice the difference from the target is not.
    const heads = spec.heads.map((head) => ({ ...head, lossWeight: 1000 }));
    const engine = createEngine({ ...spec, heads });
    engine.parameters.get('heads.step.bias').data.fill(3e38);
    const before = bitsOf(await engine.readState());
    const error: unknown = await engine.trainStep(batches(spec, 1)[0], 0.01).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NonFiniteError);
    const { place, loss, gradientNorm } = error as NonFiniteError;
    expect(place.stage).toBe('gradient');
    expect([loss, gradientNorm].map(Number.isFinite)).toEqual([true, false]);
    expect(bitsOf(await engine.readState())).toEqual(before);
  });

  it('comes of a learning rate that is far too large, and the weights before that step stay', async () => {
    const engine = createEngine(smallSpec());
    const list = batches(smallSpec(), 20);
    let before = await engine.readState();
    let failure: unknown;
    for (const batch of list) {
      before = await engine.readState();
      failure = await engine.trainStep(batch, 1e38).catch((thrown: unknown) => thrown);
      if (failure instanceof Error) break;
    }
    expect(failure).toBeInstanceOf(NonFiniteError);
    expect(bitsOf(await engine.readState())).toEqual(bitsOf(before));
  });

  it('does not end the training: without it the next step is what it would have been', async () => {
    const list = batches(spec, 4);
    const [untouched, disturbed] = [createEngine(spec), createEngine(spec)];
    const losses = await train(untouched, list);
    const found = await train(disturbed, list.slice(0, 2));
    const { data } = disturbed.parameters.get('heads.step.bias');
    const weight = data[0];
    data[0] = NaN;
    await expect(disturbed.trainStep(list[2], 0.01)).rejects.toThrow(NonFiniteError);
    data[0] = weight;
    found.push(...(await train(disturbed, list.slice(2))));
    expect(found).toEqual(losses);
    expect(bitsOf(await disturbed.readState())).toEqual(bitsOf(await untouched.readState()));
  });
});
