import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { accumulatedStep, withGradients } from '../../src/nn/accumulate.ts';
import {
  createEngine,
  decodeCheckpoint,
  encodeCheckpoint,
  headSize,
  LocalEngine,
  NonFiniteError,
  OPTIMIZER_DEFAULTS,
  randomBatch,
  Trainer,
  UsageError,
  type Batch,
  type Checkpoint,
  type ModelSpec,
  type TrainingConfig,
} from '../../src/nn/index.ts';
import { bestSimdVariant, HeapArena, Random, ReferenceKernels } from '../../src/tensor/index.ts';
import { seed } from '../support/generators.ts';
import { anySpec } from '../support/model-specs.ts';
import { bitsOf } from '../support/state-bits.ts';
import { relativeError } from '../support/tolerances.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toyData, toyEngine } from '../support/toy-model.ts';

const DRY: ModelSpec = { ...TOY_SPEC, lstm: { ...TOY_SPEC.lstm, dropout: 0 } };
const STEPS = 3;
const SGD = { ...OPTIMIZER_DEFAULTS.sgd, clipNorm: 0.7 };

/** All sequences of some batches of one size in one: arrays are time-major, `width` numbers for each sequence and step. */
function joined(spec: ModelSpec, batches: Batch[]): Batch {
  const [{ size }] = batches;
  const join = (arrays: ArrayLike<number>[], width: number): number[] => {
    const row = size * width;
    const steps = arrays[0].length / row;
    const rows = Array.from({ length: steps }, (_, t) => arrays.map((array) => Array.from(array).slice(t * row, (t + 1) * row))); // prettier-ignore
    return rows.flat(2);
  };
  return {
    size: size * batches.length,
    steps: batches[0].steps,
    categories: spec.inputs.categories.map((_, k) => join(batches.map(({ categories }) => categories[k]), 1)),
    features: join(batches.map(({ features }) => features), spec.inputs.features.length || 1),
    targets: Object.fromEntries(spec.heads.map(({ name }) => [name, join(batches.map(({ targets }) => targets![name]), 1)])), // prettier-ignore
  }; // prettier-ignore
}

function engineOf(spec: ModelSpec, s: number): LocalEngine {
  return new LocalEngine(spec, {
    kernels: new ReferenceKernels(new HeapArena('float64')),
    optimizer: SGD,
    steps: STEPS,
    init: Random.stream(s, 'init'),
    dropout: Random.stream(s, 'dropout'),
  });
}

describe('a step on several batches', () => {
  it('is the step on one batch of all their sequences, up to the rounding of the gradients to float32', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }), seed, async (any, count, size, s) => {
        // Masks are drawn batch by batch, so that they differ.
        const spec = { ...any, lstm: { ...any.lstm, dropout: 0 }, inputs: { ...any.inputs, dropout: 0 } };
        const batches = Array.from({ length: count }, (_, k) => randomBatch(spec, size, STEPS, Random.stream(s + k, 'batch')));
        const [parts, whole] = [engineOf(spec, s), engineOf(spec, s)];
        const found = await accumulatedStep(withGradients(parts), batches, 0.1);
        const expected = await whole.trainStep(joined(spec, batches), 0.1);
        expect(found.clipped).toBe(expected.clipped);
        expect(relativeError(found.losses, expected.losses)).toBeLessThan(1e-12);
        expect(found.loss).toBeCloseTo(expected.loss, 9);
        expect(Math.abs(found.gradientNorm / expected.gradientNorm - 1)).toBeLessThan(1e-6);
        const error = relativeError(parts.parameters.flat.data, whole.parameters.flat.data);
        expect(error, `weights of ${spec.heads.map(headSize).join()}`).toBeLessThan(1e-6);
      }),
      { numRuns: 25 },
    );
  }); // prettier-ignore

  it('leaves weights and counts as they were when one of them is not finite', async () => {
    const engine = engineOf(DRY, 1);
    const batch = (k: number): Batch => randomBatch(DRY, 2, STEPS, Random.stream(k, 'batch'));
    engine.parameters.get('heads.gap.bias').data.fill(1e300);
    const before = bitsOf(await engine.readState());
    await expect(accumulatedStep(withGradients(engine), [batch(1), batch(2)], 0.1)).rejects.toThrow(NonFiniteError);
    expect(bitsOf(await engine.readState())).toEqual(before);
  });
});

const SIMD = bestSimdVariant() === undefined ? [] : ([['simd', 1], ['simd', 2]] as const); // prettier-ignore

describe.each([['reference', 1], ...SIMD] as const)('accumulating over batches: %s, threads %d', (backend, threads) => {
  async function train(spec: ModelSpec, changes: Partial<TrainingConfig>, from?: Uint8Array) {
    let last!: Checkpoint;
    const losses: number[] = [];
    const engine = await toyEngine(spec, backend, threads, 7, { ...OPTIMIZER_DEFAULTS.adam, clipNorm: 1 });
    const trainer = new Trainer(
      engine,
      toyData(spec),
      { ...TOY_CONFIG, ...changes },
      {
        onCheckpoint: (kind, checkpoint) => void (kind === 'last' && (last = checkpoint)),
        onStep: ({ loss }) => void losses.push(loss),
      },
    );
    if (from) await trainer.resume(decodeCheckpoint(from));
    await trainer.run();
    await engine.dispose();
    return { losses, last, bytes: encodeCheckpoint(last) };
  }

  it('trains as with batches so many times as large, on the same windows in the same order', async () => {
    const parts = await train(DRY, { batchSize: 8, accumulate: 2 });
    const engine = await toyEngine(DRY, 'reference', 1);
    const losses: number[] = [];
    const config = { ...TOY_CONFIG, batchSize: 16 };
    await new Trainer(engine, toyData(DRY), config, { onStep: ({ loss }) => void losses.push(loss) }).run();
    expect(parts.losses).toHaveLength(losses.length);
    expect(losses.length).toBeGreaterThan(4);
    expect(relativeError(parts.losses, losses)).toBeLessThan(1e-4);
    expect(parts.last.training!.trainer.windows).toMatchObject({ batchSize: 8, accumulate: 2 });
  });

  it('goes on bit for bit, dropout included, and not with another number of batches', async () => {
    const accumulate = 2;
    const half = await train(TOY_SPEC, { accumulate, maxSteps: 3 });
    const whole = await train(TOY_SPEC, { accumulate, maxSteps: 5 });
    expect((await train(TOY_SPEC, { accumulate, maxSteps: 5 }, half.bytes)).bytes).toEqual(whole.bytes);
    await expect(train(TOY_SPEC, { accumulate: 1 }, half.bytes)).rejects.toThrow(/other windows/);
  });

  it('of one batch is training without it, bit for bit', async () => {
    const plain = await train(TOY_SPEC, { maxSteps: 4 });
    expect((await train(TOY_SPEC, { maxSteps: 4, accumulate: 1 })).bytes).toEqual(plain.bytes);
  });
});

describe('accumulating', () => {
  it('takes no more batches than there are', async () => {
    const engine = await toyEngine(DRY);
    const { step } = await new Trainer(engine, toyData(DRY), { ...TOY_CONFIG, accumulate: 1000, epochs: 2 }).run();
    expect(step).toBe(2);
  });

  it('is refused where it makes no sense, and where the engine cannot', async () => {
    const engine = await toyEngine(DRY);
    const start = (accumulate: number) => () => new Trainer(engine, toyData(DRY), { ...TOY_CONFIG, accumulate });
    for (const accumulate of [0, 1.5, NaN]) expect(start(accumulate)).toThrow(/accumulate: expected a whole number/);
    const dropout = Random.stream(1, 'dropout');
    const optimizer = OPTIMIZER_DEFAULTS.adam;
    const gpu = await createEngine(DRY, { backend: 'gpu-cpu', threads: 1, optimizer, batchSize: 8, steps: TOY_STEPS, dropout }); // prettier-ignore
    expect(() => new Trainer(gpu, toyData(DRY), { ...TOY_CONFIG, accumulate: 2 })).toThrow(UsageError);
    expect(() => new Trainer(gpu, toyData(DRY), { ...TOY_CONFIG, accumulate: 2 })).toThrow(/--backend simd/);
    await gpu.dispose();
  });
});
