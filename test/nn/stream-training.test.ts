import { describe, expect, it } from 'vitest';

import {
  ADAM_DEFAULTS,
  CheckpointError,
  createEngine,
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  StreamDataset,
  Trainer,
  UsageError,
  type Checkpoint,
  type Dataset,
  type Engine,
  type ModelSpec,
  type TrainingConfig,
} from '../../src/nn/index.ts';
import { bestSimdVariant, Random } from '../../src/tensor/index.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine, toySequence, varyToy } from '../support/toy-model.ts';

const WITH_SIMD = bestSimdVariant() === undefined ? [] : ([['simd', 1], ['simd', 2]] as const); // prettier-ignore
const ENGINES: (readonly [backend: string, threads: number])[] = [['reference', 1], ...WITH_SIMD];
const SPEC: ModelSpec = { ...TOY_SPEC, evaluateOn: 'all' };
const STEPS = 5;
const CONFIG: TrainingConfig = { ...TOY_CONFIG, batchSize: 2, epochs: 4 };

/** Pieces with other forms in every epoch, of 6, 5 and 1 windows: a row of a batch of two has run out in the last of them. */
function streams() {
  const pieces = [toySequence(30), toySequence(25, 2), toySequence(4)];
  const train = new StreamDataset(SPEC, pieces, STEPS, { vary: varyToy });
  return { train, validation: new StreamDataset(SPEC, [toySequence(20, 3), toySequence(8)], STEPS) };
}

function engineOf(backend: string, threads: number, batchSize = 2): Promise<Engine> {
  const draws = { init: Random.stream(7, 'init'), dropout: Random.stream(7, 'dropout') };
  return createEngine(SPEC, { backend, threads, optimizer: { ...ADAM_DEFAULTS, clipNorm: 1 }, batchSize, steps: STEPS, ...draws });
} // prettier-ignore

/** Trains, and gives the newest checkpoint as bytes. */
async function train(choice: readonly [string, number], change: Partial<TrainingConfig>, from?: Uint8Array) {
  let last!: Uint8Array;
  const onCheckpoint = (kind: string, checkpoint: Checkpoint): void => {
    if (kind === 'last') last = encodeCheckpoint(checkpoint);
  };
  const engine = await engineOf(...choice);
  const trainer = new Trainer(engine, streams(), { ...CONFIG, ...change }, { onCheckpoint });
  if (from) await trainer.resume(decodeCheckpoint(from));
  const { history } = await trainer.run();
  await engine.dispose();
  return { last, history };
}

describe.each(ENGINES)('training on streams: %s, threads %d', (...choice) => {
  it('goes on from any step, also in the middle of an epoch, as if it had not been interrupted', async () => {
    const whole = await train(choice, {});
    expect(whole.history).toHaveLength(4);
    expect(whole.history[0].step).toBe(6);
    expect(whole.history.at(-1)!.validation!.loss).toBeLessThan(whole.history[0].validation!.loss);
    for (const maxSteps of [1, 3, 6, 8, 17]) {
      const { last } = await train(choice, { maxSteps });
      expect((await train(choice, {}, last)).last, `interrupted after ${maxSteps}`).toEqual(whole.last);
    }
  });

  it('is another run where the carried state is lost', async () => {
    const { last } = await train(choice, { maxSteps: 3 });
    const checkpoint = decodeCheckpoint(last);
    const { carried } = checkpoint.training!.engine;
    for (const values of Object.values(carried!)) values.fill(0);
    const forgot = await train(choice, { maxSteps: 4 }, encodeCheckpoint(checkpoint));
    expect(forgot.last).not.toEqual((await train(choice, { maxSteps: 4 })).last);
  });
});

describe('a checkpoint of streams', () => {
  it('has the carried state by name, and others have none', async () => {
    const { last } = await train(ENGINES[0], { maxSteps: 3 });
    const { tensors } = decodeSafetensors(last);
    const carried = Object.keys(tensors).filter((name) => name.startsWith('carried/'));
    expect(carried).toEqual(['carried/lstm.0.h', 'carried/lstm.0.c', 'carried/lstm.1.h', 'carried/lstm.1.c']);
    expect(tensors['carried/lstm.0.c'].shape).toEqual([2, 7]);
    expect(decodeCheckpoint(last).training!.trainer.windows).toMatchObject({ batchSize: 2, varied: true, carried: true });
    expect(Buffer.from(encodeCheckpoint(decodeCheckpoint(last)))).toEqual(Buffer.from(last));
    const engine = await toyEngine();
    expect((await engine.readState()).carried).toBeUndefined();
  }); // prettier-ignore

  it('is refused when its state is damaged, or the data are no streams', async () => {
    const { last } = await train(ENGINES[0], { maxSteps: 3 });
    const change = (edit: (tensors: ReturnType<typeof decodeSafetensors>['tensors']) => void): Uint8Array => {
      const file = decodeSafetensors(last);
      edit(file.tensors);
      return encodeSafetensors(file);
    };
    const lost = change((tensors) => delete tensors['carried/lstm.1.c']);
    const torn = change((tensors) => (tensors['carried/lstm.1.c'] = { shape: [1, 7], data: new Float32Array(7) }));
    const turned = change((tensors) => (tensors['carried/lstm.1.c'].shape = [7, 2]));
    for (const bytes of [lost, torn, turned]) {
      expect(() => decodeCheckpoint(bytes)).toThrow(CheckpointError);
      expect(() => decodeCheckpoint(bytes)).toThrow(/carried state does not fit/);
    }
    const unsound = change((tensors) => (tensors['carried/lstm.1.c'].data[3] = NaN));
    expect(() => decodeCheckpoint(unsound)).toThrow(/"carried\/lstm.1.c" has NaN at .*states are finite/);
    const other = new Trainer(await toyEngine(), toyData(), TOY_CONFIG);
    await expect(other.resume(decodeCheckpoint(last))).rejects.toThrow(/trained on other windows/);
    const { training, ...rest } = decodeCheckpoint(last);
    const engine = await engineOf('reference', 1);
    const wrong = { 'lstm.0.h': new Float32Array(14) };
    await expect(engine.writeState({ ...training!.engine, carried: wrong })).rejects.toThrow(CheckpointError);
    expect(rest.spec).toEqual(SPEC);
  }); // prettier-ignore
});

describe('training on streams', () => {
  it('does not accumulate batches', async () => {
    const engine = await engineOf('reference', 1);
    expect(() => new Trainer(engine, streams(), { ...CONFIG, accumulate: 2 })).toThrow(UsageError);
    expect(() => new Trainer(engine, streams(), { ...CONFIG, accumulate: 2 })).toThrow(/--accumulate: where windows go on/);
  }); // prettier-ignore

  it('needs an engine that carries states', async () => {
    const engine = { ...(await engineOf('reference', 1)), name: 'other', spec: SPEC } as unknown as Engine;
    const without = Object.assign(Object.create(engine) as Engine, { carriesState: undefined });
    expect(() => new Trainer(without, streams(), CONFIG)).toThrow(/--carry-state: the engine other does not carry states/);
  }); // prettier-ignore
});

/** The same, as if every window stood alone. */
function forgetting(data: StreamDataset): Dataset {
  const { size, steps, isVaried, streams } = data;
  return {
    ...{ size, steps, isVaried, streams },
    meanLossOfNothing: (head) => data.meanLossOfNothing(head),
    createBatch: (count, lossOn) => data.createBatch(count, lossOn),
    fill(batch, ...rest) {
      data.fill(batch, ...rest);
      (batch.carry as Int32Array).fill(0);
    },
  };
}

describe('what stands before the window', () => {
  const spec: ModelSpec = {
    inputs: { categories: [], features: ['x'] },
    lstm: { layers: 1, hiddenSize: 8, dropout: 0 },
    heads: [{ name: 'sign', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
    lossOn: 'all',
    evaluateOn: 'all',
  };

  /** Pieces of ten windows of four steps: the first step tells a sign, which is asked for at every one. */
  const signs = (seed: number) =>
    Array.from({ length: 16 }, (_, k) => {
      const value = (k + seed) % 2 === 0 ? 1 : -1;
      const x = new Float32Array(40);
      x[0] = value;
      return { length: 40, categories: [], features: x, targets: { sign: new Float32Array(40).fill(value) } };
    });

  async function lossOf(of: (data: StreamDataset) => Dataset): Promise<number> {
    const [train, validation] = [0, 1].map((seed) => of(new StreamDataset(spec, signs(seed), 4, { asked: 'steps' })));
    const draws = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
    const optimizer = { ...ADAM_DEFAULTS, clipNorm: 1 };
    const engine = await createEngine(spec, { backend: 'reference', threads: 1, optimizer, batchSize: 8, steps: 4, ...draws }); // prettier-ignore
    const config = { ...TOY_CONFIG, batchSize: 8, epochs: 20, learningRate: 0.01, validationWindows: 1e9 };
    const { history } = await new Trainer(engine, { train, validation }, config).run();
    return history.at(-1)!.validation!.loss;
  }

  it('is learned where the state is carried, and cannot be where it is not', async () => {
    const [carried, alone] = [await lossOf((data) => data), await lossOf(forgetting)];
    // Nine of ten windows do not say the sign, and always saying 0 has the loss 1.
    expect(alone).toBeGreaterThan(0.85);
    expect(carried).toBeLessThan(0.01);
  });
});
