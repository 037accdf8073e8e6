import { describe, expect, it } from 'vitest';
import {
  decodeCheckpoint,
  DivergedError,
  encodeCheckpoint,
  evaluateDataset,
  Trainer,
  weightedLoss,
  type Checkpoint,
  type Engine,
  type EpochRecord,
  NonFiniteError,
  type NamedArrays,
  type ResumeOptions,
  type TrainerCallbacks,
  type TrainingConfig,
  type Vary,
} from '../../src/nn/index.ts';
import { train } from '../support/toy-training.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine, varyToy } from '../support/toy-model.ts';

/** Trains until it diverges. */
async function failing(engine: Engine, change: Partial<TrainingConfig> = {}, onStep?: TrainerCallbacks['onStep']) {
  const files: Checkpoint[] = [];
  const onCheckpoint = (_: string, checkpoint: Checkpoint): void => void files.push(checkpoint);
  const trainer = new Trainer(engine, toyData(), { ...TOY_CONFIG, ...change }, { onStep, onCheckpoint });
  const failure: unknown = await trainer.run().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(DivergedError);
  return { failure: failure as DivergedError, files, trainer };
}

describe('Trainer', () => {
  it('lowers the training and the validation loss', async () => {
    const { result } = await train({ epochs: 12 });
    const [first, last] = [result.history[0], result.history.at(-1)!];
    expect(last.loss).toBeLessThan(first.loss * 0.8);
    expect(last.validation!.loss).toBeLessThan(first.validation!.loss * 0.8);
    expect(result.reason).toBe('completed');
    expect(last.epoch).toBe(12);
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const [one, two, other] = [await train(), await train(), await train({ seed: 8 })];
    expect(two.last).toEqual(one.last);
    expect(two.best).toEqual(one.best);
    expect(other.last).not.toEqual(one.last);
  });

  for (const schedule of [
    { kind: 'cosine', final: 0.1 },
    { kind: 'plateau', factor: 0.5, patience: 1, minDelta: 0.5, minimum: 1e-5 },
  ] as const) {
    it(`resumes bit for bit wherever it was stopped, with the ${schedule.kind} schedule`, async () => {
      const whole = await train({ schedule });
      for (const stop of [1, 4, 5, 6, 13]) {
        const part = await train({ schedule, maxSteps: stop });
        expect(part.result.reason).toBe('max steps');
        expect(part.result.step).toBe(stop);
        const rest = await train({ schedule }, { from: part.last });
        expect(rest.last, `stopped after ${stop} steps`).toEqual(whole.last);
        expect(rest.result).toEqual(whole.result);
        expect(await rest.engine.readParameters()).toEqual(await whole.engine.readParameters());
      }
    });
  }

  /** Trains until a step, and is interrupted there. */
  const interruptedAt = async (stop: number, change: Partial<TrainingConfig>, vary?: Vary) => {
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => void (step === stop && controller.abort());
    return train(change, { signal: controller.signal, callbacks: { onStep }, vary });
  };

  it('resumes bit for bit with a warm-up, a flat part and a linear end', async () => {
    const change = { schedule: { kind: 'linear', final: 0.01, warmup: 7, flat: 0.5 }, maxSteps: 17 } as const;
    const whole = await train(change);
    for (const stop of [3, 5, 9, 16]) {
      const rest = await train(change, { from: (await interruptedAt(stop, change)).last });
      expect(rest.last, `stopped after ${stop} steps`).toEqual(whole.last);
    }
  });

  it('resumes bit for bit in the middle of an epoch whose windows are varied', async () => {
    const whole = await train({}, { vary: varyToy });
    expect(whole.last).not.toEqual((await train()).last);
    expect((await train({}, { vary: varyToy })).last).toEqual(whole.last);
    for (const stop of [2, 5, 8]) {
      const rest = await train({}, { from: (await interruptedAt(stop, {}, varyToy)).last, vary: varyToy });
      expect(rest.last, `stopped after ${stop} steps`).toEqual(whole.last);
    }
  });

  it('gives a window another form in each epoch and for each seed, and leaves validation as it is', async () => {
    const formsOf = async (seed: number) => {
      const drawn: string[] = [];
      const vary: Vary = (index, from, count, random) => {
        const sequence = varyToy(index, from, count, random);
        drawn.push(`${index} ${from} ${String(sequence.features[0])}`);
        return sequence;
      };
      await train({ seed, epochs: 2, stepsPerEpoch: 5 }, { vary });
      return drawn;
    };
    const [one, again, other] = [await formsOf(1), await formsOf(1), await formsOf(2)];
    // 43 windows in batches of 8; validation would draw some, too.
    expect(one).toHaveLength(2 * 5 * 8);
    expect(again).toEqual(one);
    const shared = (a: string[], b: string[]) => a.filter((form) => b.includes(form));
    expect(shared(one.slice(0, 40), one.slice(40))).toEqual([]);
    expect(shared(one, other)).toEqual([]);
  });

  it('refuses to go on with varied windows where they were not, and the other way round', async () => {
    const [plain, varied] = [await train({ epochs: 1 }), await train({ epochs: 1 }, { vary: varyToy })];
    await expect(train({}, { from: plain.last, vary: varyToy })).rejects.toThrow(/other windows: .*"varied":true/);
    await expect(train({}, { from: varied.last })).rejects.toThrow(/other windows/);
  });

  describe('resumed under a cosine schedule with more epochs', () => {
    const schedule = { kind: 'cosine', final: 0.01 } as const;
    /** Goes on to `epochs` epochs; the jump, and the rates of the steps from here on. */
    const resume = async (from: Uint8Array, change: Partial<TrainingConfig>, options?: ResumeOptions) => {
      const rates: number[] = [];
      const files: Uint8Array[] = [];
      const callbacks: TrainerCallbacks = {
        onStep: ({ learningRate }) => void rates.push(learningRate),
        onCheckpoint: (_, checkpoint) => void files.push(encodeCheckpoint(checkpoint)),
      };
      const trainer = new Trainer(await toyEngine(), toyData(), { ...TOY_CONFIG, schedule, ...change }, callbacks);
      const jump = await trainer.resume(decodeCheckpoint(from), options);
      await trainer.run();
      return { jump, rates, last: files.at(-1)! };
    };

    it('says that the learning rate jumps, and from what to what', async () => {
      const { last } = await train({ schedule, epochs: 4 });
      const { jump, rates } = await resume(last, { epochs: 8 });
      expect(jump!.before).toBeCloseTo(1e-4, 12);
      expect(jump!.after).toBe(rates[0]);
      expect(rates[0]).toBeGreaterThan(0.004);
      expect((await resume(last, { epochs: 4 })).jump, 'nothing has changed').toBeUndefined();
    });

    it('finds the jump in files that do not say the rate of their newest step', async () => {
      const { last } = await train({ schedule, epochs: 4 });
      const old = decodeCheckpoint(last);
      delete old.training!.trainer.learningRate;
      const { jump } = await resume(encodeCheckpoint(old), { epochs: 8 });
      expect(jump!.before).toBeCloseTo(1e-4, 12);
      expect((await resume(encodeCheckpoint(old), { epochs: 4 })).jump).toBeUndefined();
    });

    it('comes down from where it was when it is laid anew, with no jump', async () => {
      const { last } = await train({ schedule, epochs: 4, maxSteps: 8 });
      const before = decodeCheckpoint(last).training!.trainer.learningRate!;
      const { jump, rates } = await resume(last, { epochs: 6 }, { scheduleFrom: 'here' });
      expect(jump).toBeUndefined();
      expect(rates[0]).toBeCloseTo(before, 15);
      expect([...rates].sort((a, b) => b - a)).toEqual(rates);
      expect(rates.at(-1)).toBeCloseTo(1e-4, 12);
      const higher = await resume(last, { epochs: 6 }, { scheduleFrom: 0.02 });
      expect(higher.rates[0]).toBeCloseTo(0.02, 15);
    });

    it('goes on with the cosine that was laid anew, bit for bit, when it is resumed once more', async () => {
      const { last } = await train({ schedule, epochs: 4, maxSteps: 8 });
      const whole = await resume(last, { epochs: 6 }, { scheduleFrom: 'here' });
      const part = await resume(last, { epochs: 6, maxSteps: 17 }, { scheduleFrom: 'here' });
      const rest = await resume(part.last, { epochs: 6 });
      expect(rest.jump).toBeUndefined();
      expect([...part.rates, ...rest.rates]).toEqual(whole.rates);
      expect(rest.last).toEqual(whole.last);
    });
  });

  it('leaves the best weights in the engine, whatever ended the training', async () => {
    const engine = await toyEngine();
    // A learning rate that spoils the weights again after a while.
    const { result, best } = await train({ epochs: 10, learningRate: 0.3 }, { engine });
    expect(result.best!.epoch).toBeLessThan(10);
    expect(await engine.readParameters()).toEqual(decodeCheckpoint(best).parameters);
    const losses = await evaluateDataset(engine, toyData().validation);
    expect(weightedLoss(TOY_SPEC, losses)).toBeCloseTo(result.best!.loss, 6);
  });

  it('stops early after `patience` epochs without a better validation loss', async () => {
    const { result } = await train({ epochs: 50, learningRate: 0.3, patience: 2 });
    expect(result.reason).toBe('early stopping');
    expect(result.history.length).toBe(result.best!.epoch + 2);
  });

  it('saves and stops when it is interrupted, and goes on from there bit for bit', async () => {
    const whole = await train();
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => {
      if (step === 7) controller.abort();
    };
    const part = await train({}, { signal: controller.signal, callbacks: { onStep } });
    expect(part.result).toMatchObject({ reason: 'interrupted', step: 7 });
    const rest = await train({}, { from: part.last });
    expect(rest.last).toEqual(whole.last);
  });

  it('saves inside an epoch when asked to', async () => {
    const { files } = await train({ epochs: 1, checkpointEvery: 2 });
    // 43 windows in batches of 8: five steps; saved after 2 and 4, and at the end of the epoch.
    expect(files.last.map((bytes) => decodeCheckpoint(bytes).training!.trainer.step)).toEqual([2, 4, 5]);
  });

  it('saves inside an epoch whenever it is wanted, which changes nothing', async () => {
    let asked = 0;
    const { files, last } = await train({ epochs: 1 }, { callbacks: { wantsCheckpoint: () => ++asked === 3 } });
    expect(files.last.map((bytes) => decodeCheckpoint(bytes).training!.trainer.step)).toEqual([3, 5]);
    expect(last).toEqual((await train({ epochs: 1 })).last);
    expect((await train({ epochs: 1 }, { from: files.last[0] })).last).toEqual(last);
  });

  it('sees the windows in another order in each epoch, each once', async () => {
    const engine = await toyEngine();
    const seen: string[][] = [[]];
    const { trainStep } = engine;
    engine.trainStep = (batch, rate) => {
      for (let b = 0; b < batch.size; b++)
        seen.at(-1)!.push([0, 1, 2].map((t) => batch.features[t * batch.size + b]).join());
      return trainStep.call(engine, batch, rate);
    };
    await train({ epochs: 3 }, { engine, callbacks: { onEpoch: () => void seen.push([]) } });
    expect(seen[0]).toHaveLength(40);
    expect(seen[1]).not.toEqual(seen[0]);
    expect(seen[2]).not.toEqual(seen[1]);
  });

  it('reports means over the epoch and the learning rate that was used', async () => {
    const records: EpochRecord[] = [];
    const steps: number[] = [];
    await train(
      { epochs: 2, stepsPerEpoch: 3, schedule: { kind: 'cosine', final: 0 } },
      { callbacks: { onEpoch: (r) => void records.push(r), onStep: (s) => void steps.push(s.loss) } },
    );
    expect(records.map(({ step }) => step)).toEqual([3, 6]);
    expect(records[0].loss).toBeCloseTo((steps[0] + steps[1] + steps[2]) / 3, 12);
    expect(records[1].learningRate).toBeCloseTo(0, 12);
    expect(Object.keys(records[0].losses)).toEqual(['note', 'gap']);
    expect(records[0].loss).toBeCloseTo(records[0].losses.note + 0.5 * records[0].losses.gap, 10);
  });

  it('takes one batch of all windows when there are fewer than a batch', async () => {
    const { result } = await train({ epochs: 1, batchSize: 1000 });
    expect(result.step).toBe(1);
  });

  it('names step, layer and gate when a value is not finite, and keeps the state before that step', async () => {
    const engine = await toyEngine();
    const { trainStep } = engine;
    const place = { stage: 'forward', layer: 'lstm.1', gate: 'g', timeStep: 2 } as const;
    let steps = 0;
    engine.trainStep = (batch, rate) => {
      if (++steps === 7) return Promise.reject(new NonFiniteError(place, NaN, 3));
      return trainStep.call(engine, batch, rate);
    };
    const { failure, files } = await failing(engine);
    expect(failure).toMatchObject({ step: 7, epoch: 2, learningRate: 0.01, place });
    expect(failure.message).toMatch(
      /step 7 .*lstm\.1, gate g at time step 2 .*The last good weights, those after step 6, are kept\./,
    );
    expect(files.at(-1)!.training!.trainer.step).toBe(6);
  });

  it('refuses a checkpoint of other windows, or one without a training state', async () => {
    const { last } = await train({ epochs: 1 });
    await expect(train({ batchSize: 4 }, { from: last })).rejects.toThrow(/other windows/);
    const bare = decodeCheckpoint(last);
    delete bare.training;
    await expect(train({}, { from: encodeCheckpoint(bare) })).rejects.toThrow(/no training state/);
  });

  it('refuses settings that make no sense', async () => {
    await expect(train({ batchSize: 0 })).rejects.toThrow(/batchSize: expected a whole number/);
    await expect(train({ learningRate: -1 })).rejects.toThrow(/learningRate/);
    await expect(train({ epochs: 1.5 })).rejects.toThrow(/epochs/);
    await expect(train({ epochs: null })).rejects.toThrow(/one of them must say when the training ends/);
    await expect(train({ minutes: 0 })).rejects.toThrow(/minutes: expected more than 0/);
  });
});

describe('a training that diverges', () => {
  /** An engine whose weights are spoilt after step 6, as by an update that overflows. */
  async function spoilt(spoil: (parameters: NamedArrays) => void) {
    const engine = await toyEngine();
    const onStep = async ({ step }: { step: number }): Promise<void> => {
      if (step !== 6) return;
      const parameters = await engine.readParameters();
      spoil(parameters);
      await engine.writeParameters(parameters);
    };
    return { engine, onStep };
  }

  it.each([null, 6])('never saves weights that are not finite, whether a step meets them or they are due (%s)', async (checkpointEvery) => {
    const { engine, onStep } = await spoilt((parameters) => {
      parameters['lstm.1.recurrent_kernel'][4 * 7 + 2 * 7] = NaN; // row 1, gate g
    });
    const { failure, files, trainer } = await failing(engine, { checkpointEvery }, onStep);
    const place = { stage: 'parameters', layer: 'lstm.1', gate: 'g' };
    expect(failure).toMatchObject({ step: 6, epoch: 2, learningRate: 0.01, place });
    expect(failure.message).toMatch(/A weight of lstm\.1, gate g is not finite.*those after step 5, are kept\./);
    expect(files.at(-1)!.training!.trainer.step).toBe(5);
    expect(() => files.map(encodeCheckpoint)).not.toThrow();
    await expect(trainer.checkpoint()).rejects.toThrow(DivergedError);
  }); // prettier-ignore

  it('is stopped when the loss stays far above that of knowing nothing, with weights that are still finite', async () => {
    const { failure, files } = await failing(await toyEngine(), { learningRate: 100, epochs: 40, checkpointEvery: 1 });
    // The first step is taken with the weights at their start.
    expect(failure).toMatchObject({ step: 5, epoch: 1, learningRate: 100, place: { stage: 'loss' } });
    expect(failure.message).toMatch(
      /diverged at step 5 \(epoch 1\): For 4 steps the loss has been above [\d.]+, far above the [\d.]+ of knowing nothing; it is /,
    );
    expect(failure.message).toContain('The learning rate was 100. Try a learning rate at least ten times smaller');
    // What the first step gave is the last that was not known to be bad.
    expect(files.map((file) => file.training!.trainer.step)).toEqual([1]);
    expect(failure.message).toContain('those after step 1, are kept');
  });

  it('is found in the middle of a long epoch, too', async () => {
    const { failure } = await failing(await toyEngine(), { learningRate: 100, batchSize: 2 });
    expect(failure).toMatchObject({ step: 11, epoch: 1 });
    expect(failure.message).toContain('Nothing had been saved yet.');
  });

  it('is stopped where its last steps are asked for, too', async () => {
    const { failure } = await failing(await toyEngine(), { learningRate: 100, batchSize: 2, maxSteps: 8 });
    expect(failure).toMatchObject({ step: 8 });
  });
});
