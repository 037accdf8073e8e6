import { describe, expect, it } from 'vitest';

import {
  decodeCheckpoint,
  decodeSafetensors,
  encodeCheckpoint,
  evaluateDataset,
  parameterSpecs,
  Trainer,
  weightedLoss,
  type Checkpoint,
  type Engine,
  type NamedArrays,
  type TrainingConfig,
} from '../../src/nn/index.ts';
import { WeightAverage } from '../../src/nn/weight-average.ts';
import { EVERY_ENGINE } from '../support/every-engine.ts';
import { TOY_CONFIG, TOY_SPEC, toyData, toyEngine } from '../support/toy-model.ts';

const EMA = 0.9;

async function train(engine: Engine, changes: Partial<TrainingConfig>, from?: Uint8Array) {
  const files: Record<string, Checkpoint> = {};
  const losses: number[] = [];
  const weights: NamedArrays[] = [];
  const trainer = new Trainer(
    engine,
    toyData(),
    { ...TOY_CONFIG, ...changes },
    {
      onCheckpoint: (kind, checkpoint) => void (files[kind] = checkpoint),
      onStep: async ({ loss }) => {
        losses.push(loss);
        weights.push(await engine.readParameters());
      },
    },
  );
  if (from) await trainer.resume(decodeCheckpoint(from));
  const result = await trainer.run();
  return { files, losses, weights, result, ended: await engine.readParameters() };
}

describe('the moving average of the weights', () => {
  it('is what its formula says, after every step', async () => {
    const { files, weights } = await train(await toyEngine(), { ema: EMA, maxSteps: 13 });
    const { training, parameters } = files.last;
    expect(weights).toHaveLength(13);
    for (const { name } of parameterSpecs(TOY_SPEC)) {
      const expected = Float64Array.from(weights[0][name]);
      weights.slice(1).forEach((step, index) => {
        // Step 2 is the first that is averaged in; at step 13 the decay is still that of the beginning.
        const t = index + 2;
        const d = Math.min(EMA, (1 + t) / (10 + t));
        step[name].forEach((w, j) => (expected[j] = d * expected[j] + (1 - d) * w));
      });
      parameters[name].forEach((w, j) => {
        expect(w, name).toBeCloseTo(expected[j], 6);
      });
      expect(training!.engine.parameters[name], 'what training goes on with').toEqual(weights[12][name]);
    }
  });

  it('has the decay itself once the beginning is over', async () => {
    const engine = await toyEngine();
    const average = new WeightAverage(0.5);
    await average.observe(engine, 1);
    const start = (await engine.readParameters())['lstm.0.kernel'][0];
    const weights = await engine.readParameters();
    weights['lstm.0.kernel'][0] = start + 1;
    await engine.writeParameters(weights);
    await average.observe(engine, 1000);
    expect(average.arrays!['lstm.0.kernel'][0]).toBeCloseTo(start + 0.5, 6);
  });

  it('is what is validated, what is best, and what the engine has at the end; training does not see it', async () => {
    const plain = await train(await toyEngine(), {});
    const averaged = await train(await toyEngine(), { ema: EMA });
    expect(averaged.losses, 'every training loss').toEqual(plain.losses);
    expect(averaged.weights.at(-1)).toEqual(plain.weights.at(-1));
    expect(averaged.files.last.training!.engine.parameters).toEqual(plain.weights.at(-1));
    const { history, best } = averaged.result;
    expect(history.map(({ validation }) => validation)).not.toEqual(plain.result.history.map(({ validation }) => validation)); // prettier-ignore
    const judge = await toyEngine();
    await judge.writeParameters(averaged.files.best.parameters);
    const losses = await evaluateDataset(judge, toyData().validation, TOY_CONFIG.validationWindows);
    expect(weightedLoss(TOY_SPEC, losses)).toBe(best!.loss);
    expect(history[best!.epoch - 1].validation!.loss).toBe(best!.loss);
    expect(averaged.ended).toEqual(averaged.files.best.parameters);
    expect(averaged.files.last.training!.best ?? averaged.files.last.parameters).toEqual(averaged.ended);
  });

  it.each(EVERY_ENGINE)('goes on bit for bit on $name', async ({ create, skip }) => {
    if (skip) return;
    const run = async (maxSteps: number, from?: Uint8Array) => {
      const engine = await create();
      const { files } = await train(engine, { ema: EMA, maxSteps }, from);
      await engine.dispose();
      return encodeCheckpoint(files.last);
    };
    expect(await run(8, await run(6))).toEqual(await run(8));
  });

  it('begins anew in a run that was interrupted before its first step', async () => {
    const trainer = new Trainer(await toyEngine(), toyData(), { ...TOY_CONFIG, ema: EMA });
    const empty = encodeCheckpoint(await trainer.checkpoint());
    const resumed = await train(await toyEngine(), { ema: EMA, maxSteps: 7 }, empty);
    const whole = await train(await toyEngine(), { ema: EMA, maxSteps: 7 });
    expect(encodeCheckpoint(resumed.files.last)).toEqual(encodeCheckpoint(whole.files.last));
  });

  it('is the model of a checkpoint; the weights themselves lie beside it, and must be sound too', async () => {
    const { files } = await train(await toyEngine(), { ema: EMA, maxSteps: 7 });
    const bytes = encodeCheckpoint(files.last);
    expect(decodeCheckpoint(bytes)).toEqual(files.last);
    const { tensors, metadata } = decodeSafetensors(bytes);
    for (const { name } of parameterSpecs(TOY_SPEC)) {
      expect(tensors[name].data).toEqual(files.last.parameters[name]);
      expect(tensors[`raw/${name}`].data).toEqual(files.last.training!.engine.parameters[name]);
    }
    files.last.training!.engine.parameters['lstm.0.bias'][2] = NaN;
    expect(() => encodeCheckpoint(files.last)).toThrow('"raw/lstm.0.bias" has NaN at [2]; weights are finite.');
    expect(metadata.format).toBe('etude-checkpoint');
  });

  it.each([-0.1, 1, NaN])('has no decay of %d', async (ema) => {
    const engine = await toyEngine();
    expect(() => new Trainer(engine, toyData(), { ...TOY_CONFIG, ema })).toThrow(/ema: expected a number from 0/);
  });
});
