import { describe, expect, it } from 'vitest';

import {
  CheckpointError,
  createEngine,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  estimateMemory,
  LocalEngine,
  NonFiniteError,
  OPTIMIZER_DEFAULTS,
  parameterCount,
  ParameterSet,
  parameterSpecs,
  randomBatch,
  Trainer,
  type Checkpoint,
  type OptimizerSpec,
} from '../../src/nn/index.ts';
import {
  bestSimdVariant,
  createKernels,
  HeapArena,
  Random,
  ReferenceKernels,
  ShapeError,
  UsageError,
} from '../../src/tensor/index.ts';
import { EVERY_OPTIMIZER } from '../support/every-optimizer.ts';
import { bitsOf } from '../support/state-bits.ts';
import { TOY_CONFIG, TOY_SPEC, TOY_STEPS, toyData, toyEngine } from '../support/toy-model.ts';

const CLIPPED = { clipNorm: 0.5, clipValue: 0.1 };
const WITH_SIMD = bestSimdVariant() === undefined ? [] : ([['simd', 1], ['simd', 2]] as const); // prettier-ignore
const ENGINES: (readonly [backend: string, threads: number])[] = [['reference', 1], ...WITH_SIMD];

const batch = (seed: number, spec = TOY_SPEC) => randomBatch(spec, 8, TOY_STEPS, Random.stream(seed, 'batch'));

function localEngine(optimizer: OptimizerSpec, kernels = new ReferenceKernels(new HeapArena('float32'))): LocalEngine {
  return new LocalEngine(TOY_SPEC, {
    kernels,
    optimizer,
    steps: TOY_STEPS,
    init: Random.stream(7, 'init'),
    dropout: Random.stream(7, 'dropout'),
  });
}

describe.each(EVERY_OPTIMIZER)('training with $name', ({ spec, rate, keeps }) => {
  const optimizer: OptimizerSpec = { ...spec, ...CLIPPED };

  it('learns a batch by heart', async () => {
    const engine = localEngine(spec);
    const { train } = toyData();
    const notes = train.createBatch(8, 'all');
    train.fill(notes, [0, 1, 2, 3, 4, 5, 6, 7]);
    const losses: number[] = [];
    for (let step = 0; step < 300; step++) losses.push((await engine.trainStep(notes, rate)).loss);
    expect(losses[299]).toBeLessThan(0.7 * losses[0]);
  });

  it.each(ENGINES)('goes on from a checkpoint as if it had not been interrupted: %s, threads %d', async (backend, threads) => {
    const train = async (maxSteps: number, from?: Uint8Array): Promise<Uint8Array> => {
      let last!: Uint8Array;
      const onCheckpoint = (kind: string, checkpoint: Checkpoint): void => {
        if (kind === 'last') last = encodeCheckpoint(checkpoint);
      };
      const engine = await toyEngine(TOY_SPEC, backend, threads, 7, optimizer);
      const config = { ...TOY_CONFIG, maxSteps, learningRate: rate };
      const trainer = new Trainer(engine, toyData(), config, { onCheckpoint });
      if (from) await trainer.resume(decodeCheckpoint(from));
      await trainer.run();
      await engine.dispose();
      return last;
    };
    expect(await train(12, await train(7))).toEqual(await train(12));
  }); // prettier-ignore

  it('keeps what the table says, in the engine, its estimate of memory and its checkpoints', async () => {
    const engine = localEngine(optimizer);
    await engine.trainStep(batch(1), rate);
    const state = await engine.readState();
    expect(Object.keys(state.optimizer)).toEqual(keeps);
    for (const slot of keeps) {
      const numbers = Object.values(state.optimizer[slot]!).flatMap((array) => [...array]);
      expect(numbers).toHaveLength(parameterCount(TOY_SPEC));
      expect(numbers.some((number) => number !== 0)).toBe(true);
    }
    const shape = { batchSize: 8, steps: TOY_STEPS };
    const { parameters } = estimateMemory(TOY_SPEC, shape, 2, optimizer);
    expect(parameters).toBe(4 * parameterCount(TOY_SPEC) * (1 + 2 + keeps.length));
    const checkpoint = await new Trainer(engine, toyData(), TOY_CONFIG).checkpoint();
    const prefixes = new Set(Object.keys(decodeSafetensors(encodeCheckpoint(checkpoint)).tensors).map((name) => /^(\w+\.\w+)\/|/.exec(name)![1])); // prettier-ignore
    expect([...prefixes].filter((prefix) => prefix !== undefined).sort()).toEqual([...keeps].sort());
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  it('takes the same step from a gradient that was handed out and back, bit for bit', async () => {
    const [whole, parts] = [localEngine(optimizer), localEngine(optimizer)];
    for (let step = 0; step < 3; step++) {
      const expected = await whole.trainStep(batch(step), rate);
      const { result, gradients } = await parts.gradientOf(batch(step));
      expect(gradients).toHaveLength(parameterCount(TOY_SPEC));
      const { gradientNorm, clipped } = await parts.applyGradient(gradients, rate);
      expect({ ...result, clipped }).toEqual(expected);
      expect(gradientNorm).toBe(expected.gradientNorm);
      expect(bitsOf(await parts.readState())).toEqual(bitsOf(await whole.readState()));
    }
  });

  it('refuses the state of an optimizer that keeps something else, and stays as it is', async () => {
    const engine = localEngine(optimizer);
    await engine.trainStep(batch(1), rate);
    const before = bitsOf(await engine.readState());
    for (const other of EVERY_OPTIMIZER.filter((each) => each.keeps.join() !== keeps.join())) {
      const state = await localEngine(other.spec).readState();
      await expect(engine.writeState(state)).rejects.toThrow(CheckpointError);
      await expect(engine.writeState(state)).rejects.toThrow(/trained with/);
      expect(bitsOf(await engine.readState())).toEqual(before);
    }
  });
});

describe('gradientOf and applyGradient', () => {
  const adam = { ...OPTIMIZER_DEFAULTS.adam, clipNorm: 0.5 };

  it('have the numbers of each parameter in the order of the specs, without padding', async () => {
    const engine = localEngine(adam);
    const before = bitsOf(await engine.readState());
    const { gradients, result } = await engine.gradientOf(batch(1));
    const flat = parameterSpecs(TOY_SPEC).flatMap(({ name }) => [...engine.gradients.get(name).data]);
    expect([...gradients]).toEqual(flat);
    expect(result.clipped, 'it is not clipped').toBe(false);
    expect(Math.hypot(...gradients)).toBeCloseTo(result.gradientNorm, 5);
    const { parameters } = await engine.readState();
    expect({ ...(before as object), dropout: 0 }).toEqual({ ...(bitsOf(await engine.readState()) as object), dropout: 0 }); // prettier-ignore
    expect(Object.keys(parameters)).toEqual(parameterSpecs(TOY_SPEC).map(({ name }) => name));
  });

  it('come back from a set as they went in', () => {
    const set = new ParameterSet(new HeapArena('float32'), TOY_SPEC);
    const flat = Float32Array.from({ length: parameterCount(TOY_SPEC) }, (_, at) => at);
    set.fromFlat(flat);
    expect(set.toFlat()).toEqual(flat);
    expect(() => set.fromFlat(flat.subarray(1))).toThrow(ShapeError);
  });

  it('leave everything as it was when the gradient is not finite, and name the place', async () => {
    const engine = localEngine(adam);
    const { gradients } = await engine.gradientOf(batch(1));
    const before = bitsOf(await engine.readState());
    gradients[gradients.length - 1] = NaN;
    const error: unknown = await engine.applyGradient(gradients, 0.1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as NonFiniteError).place).toEqual({ stage: 'gradient', layer: 'heads.gap' });
    await expect(engine.applyGradient(gradients.subarray(1), 0.1)).rejects.toThrow(ShapeError);
    expect(bitsOf(await engine.readState())).toEqual(before);
  });

  it('of a batch that overflows throws as trainStep does', async () => {
    const engine = localEngine(adam);
    engine.parameters.get('heads.gap.bias').data.fill(NaN);
    const before = bitsOf(await engine.readState());
    await expect(engine.gradientOf(batch(1))).rejects.toMatchObject({ place: { layer: 'heads.gap' } });
    expect(bitsOf(await engine.readState())).toEqual(before);
  });
});

describe('clipping by value', () => {
  it('cuts each number of the gradient, and then the norm of what is left', async () => {
    const free = await localEngine(OPTIMIZER_DEFAULTS.sgd).gradientOf(batch(1));
    const limit = 0.25 * Math.max(...free.gradients.map(Math.abs));
    const cut = Float64Array.from(free.gradients, (g) => Math.max(-limit, Math.min(limit, g)));
    const length = Math.hypot(...cut);
    for (const clipNorm of [null, 0.5 * length, 2 * length]) {
      const engine = localEngine({ ...OPTIMIZER_DEFAULTS.sgd, clipValue: limit, clipNorm });
      const { clipped, gradientNorm } = await engine.trainStep(batch(1), 0.1);
      expect([clipped, gradientNorm]).toEqual([true, free.result.gradientNorm]);
      const factor = clipNorm !== null && clipNorm < length ? clipNorm / length : 1;
      engine.gradients.toFlat().forEach((g, at) => {
        expect(g).toBeCloseTo(cut[at] * factor, 6);
      });
    }
    const wide = localEngine({ ...OPTIMIZER_DEFAULTS.sgd, clipValue: 100 * limit });
    expect((await wide.trainStep(batch(1), 0.1)).clipped).toBe(false);
    expect(wide.gradients.toFlat()).toEqual(free.gradients);
  });
});

describe('weight decay', () => {
  it('takes the same share of every kernel and table, and nothing of biases', async () => {
    const [rate, weightDecay] = [0.1, 0.5];
    const engine = localEngine({ ...OPTIMIZER_DEFAULTS.adamw, weightDecay });
    const before = await engine.readParameters();
    await engine.applyGradient(new Float32Array(parameterCount(TOY_SPEC)), rate);
    const after = await engine.readParameters();
    for (const { name, shape } of parameterSpecs(TOY_SPEC)) {
      const share = name.endsWith('bias') ? 1 : 1 - rate * weightDecay;
      expect(shape.length === 1, name).toBe(name.endsWith('bias'));
      after[name].forEach((value, at) => {
        expect(value, name).toBeCloseTo(before[name][at] * share, 6);
      });
    }
  });
});

describe('an optimizer’s checkpoint', () => {
  const bytesOf = async (optimizer: OptimizerSpec): Promise<Uint8Array> => {
    const engine = localEngine(optimizer);
    await engine.trainStep(batch(1), 0.01);
    return encodeCheckpoint(await new Trainer(engine, toyData(), TOY_CONFIG).checkpoint());
  };

  it('is refused when a number of it makes no sense, or it keeps what nothing keeps', async () => {
    const { tensors, metadata } = decodeSafetensors(await bytesOf(OPTIMIZER_DEFAULTS.rmsprop));
    const encode = () => encodeSafetensors({ tensors, metadata });
    tensors['rmsprop.square/lstm.0.bias'].data[3] = -1;
    expect(() => decodeCheckpoint(encode())).toThrow(
      '"rmsprop.square/lstm.0.bias" has -1 at [3]; mean squares are finite and not below 0.',
    );
    delete tensors['rmsprop.square/lstm.0.bias'];
    expect(() => decodeCheckpoint(encode())).toThrow(/"rmsprop.square\/lstm.0.bias".*is missing/);
    for (const keeps of [['sgd.speed'], 'sgd.velocity', ['rmsprop.square', 'rmsprop.square', 7]]) {
      const training = { ...(JSON.parse(metadata.training) as object), keeps };
      const forged = { ...metadata, training: JSON.stringify(training) };
      expect(() => decodeCheckpoint(encodeSafetensors({ tensors, metadata: forged }))).toThrow(CheckpointError);
    }
  });
});

describe('an optimizer that makes no sense', () => {
  const { adam, adamw, sgd, rmsprop } = OPTIMIZER_DEFAULTS;

  it.each([
    [{ ...adam, kind: 'lion' }, /optimizer.kind: expected one of "adam", "adamw", "sgd", "rmsprop", got "lion"/],
    [{ beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: null }, /optimizer.kind: .*got nothing/],
    [{ ...adam, beta1: 1 }, /optimizer.beta1: .*got 1/],
    [{ ...adam, epsilon: 0 }, /optimizer.epsilon: .*got 0/],
    [{ ...adamw, weightDecay: -1 }, /optimizer.weightDecay: .*got -1/],
    [{ ...sgd, momentum: NaN }, /optimizer.momentum: .*got NaN/],
    [{ ...sgd, nesterov: true }, /optimizer.nesterov: it needs a momentum/],
    [{ ...rmsprop, decay: undefined }, /optimizer.decay: .*got undefined/],
    [{ ...sgd, clipValue: 0 }, /optimizer.clipValue: .*got 0/],
    [{ ...sgd, clipNorm: -1 }, /optimizer.clipNorm: .*got -1/],
  ])('is refused: %j', (optimizer, message) => {
    expect(() => localEngine(optimizer as OptimizerSpec)).toThrow(UsageError);
    expect(() => localEngine(optimizer as OptimizerSpec)).toThrow(message);
  });

  it.each([adamw, sgd, rmsprop, { ...adam, clipValue: 1 }])(
    'or that gpu.js does not have: $kind',
    async (optimizer) => {
      const dropout = Random.stream(1, 'dropout');
      const options = { backend: 'gpu-cpu', threads: 1, optimizer, batchSize: 8, steps: TOY_STEPS, dropout } as const;
      await expect(createEngine(TOY_SPEC, options)).rejects.toThrow(UsageError);
      await expect(createEngine(TOY_SPEC, options)).rejects.toThrow(/the GPU engine cannot .* yet; --backend simd can/);
    },
  );

  it.runIf(bestSimdVariant())('memory is what each takes, in WebAssembly too', () => {
    const bytes = EVERY_OPTIMIZER.map(({ spec, keeps }) => {
      const kernels = createKernels('simd');
      localEngine(spec, kernels as unknown as ReferenceKernels);
      return { bytes: (kernels.arena as unknown as { bytes: number }).bytes, keeps: keeps.length };
    });
    const none = bytes.find(({ keeps }) => keeps === 0)!.bytes;
    for (const each of bytes) expect(each.bytes).toBe((none / 2) * (2 + each.keeps));
  });
});
