import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { evaluateModel } from '../../src/music/evaluate.ts';
import { fineTuningSettings, originOf } from '../../src/music/fine-tune.ts';
import { MATCH_PARAMETERS } from '../../src/music/memory/index.ts';
import { musicModel, type MusicModel } from '../../src/music/music-model.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { PRESETS } from '../../src/music/presets.ts';
import type { Settings } from '../../src/music/settings.ts';
import { createTrainingRun } from '../../src/music/train.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../src/nn/index.ts';
import { corpusOf, toyModel, toyPiece, toySettings, toySong, toySongbook, trainToy } from '../support/toy-music.ts';

const CHOICE = { backend: 'reference', threads: 1 };
const settings = toySettings('quick', { epochs: 6, stepsPerEpoch: 20, schedule: 'constant', flat: 0 });
const trained = await trainToy(prepareData(toySongbook(), settings), settings);
const model: MusicModel = { ...musicModel(decodeCheckpoint(trained.best)), memory: MATCH_PARAMETERS };

/** The songs in other keys and at another pace, whose times are no classes of the model's. */
const others = corpusOf(
  ...Array.from({ length: 6 }, (_, k) => {
    const table = toySong(50 + 3 * (k % 2), 50, 2 * k);
    const slower = (times: Float64Array) => times.map((time) => 1.23 * time);
    const { start, step, duration } = table;
    return toyPiece(`other ${k}`, { ...table, start: slower(start), step: slower(step), duration: slower(duration) });
  }),
);

/** Trains a model on, on the other songs, and keeps every checkpoint; goes on with a run where its file is given. */
async function trainOn(
  from: MusicModel,
  overrides: Partial<Settings> = {},
  resumed?: Checkpoint,
  backend = 'reference',
) {
  const base = resumed ? musicModel(resumed) : from;
  const settings = resumed ? base.settings : fineTuningSettings(from, { overrides });
  const data = prepareData(others, settings, { codec: from.codec });
  const files: Uint8Array[] = [];
  const { engine, trainer } = await createTrainingRun(
    data,
    settings,
    'quick',
    { backend, threads: 1 },
    { onCheckpoint: (_, checkpoint) => void files.push(encodeCheckpoint(checkpoint)) },
    { from: base, fromPath: 'models/first', resumes: resumed !== undefined },
  );
  const before = await engine.readState();
  if (resumed) await trainer.resume(resumed);
  const result = await trainer.run();
  await engine.dispose();
  return { data, before, result, files, after: musicModel(decodeCheckpoint(files.at(-1)!)) };
}

describe('training a model on', () => {
  it('begins with its weights, with Adam anew, and leaves them where the rate is next to nothing', async () => {
    const { before, after } = await trainOn(model, { learningRate: 1e-30, epochs: 1 });
    expect(before.parameters).toEqual(model.parameters);
    expect(before.step).toBe(0);
    expect(Object.keys(before.optimizer)).toEqual(['adam.m', 'adam.v']);
    for (const moments of Object.values(before.optimizer)) {
      for (const values of Object.values(moments)) expect(values.every((value) => value === 0)).toBe(true);
    }
    expect(after.parameters).toEqual(model.parameters);
  });

  it('makes it better on the other music', async () => {
    const { data, after, result } = await trainOn(model, { epochs: 8, learningRate: 0.01 });
    const on = (which: MusicModel) => evaluateModel(which, data.validationPieces, CHOICE);
    const [then, now] = [await on(model), await on(after)];
    expect(now.loss).toBeLessThan(0.9 * then.loss);
    const losses = result.history.map(({ validation }) => validation!.loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
  });

  it('leaves what is frozen as it was, and freezes nothing when it is trained on again', async () => {
    const { after } = await trainOn(model, { epochs: 1, freeze: 'lstm.0.recurrent_kernel, heads.pitch' });
    const same = Object.keys(model.parameters).filter((name) => after.parameters[name].every((w, j) => w === model.parameters[name][j])); // prettier-ignore
    expect(same.sort()).toEqual(['heads.pitch.bias', 'heads.pitch.kernel', 'lstm.0.recurrent_kernel']);
    expect(after.settings.freeze).toBe('lstm.0.recurrent_kernel, heads.pitch');
    expect(fineTuningSettings(after).freeze).toBeNull();
    await expect(trainOn(model, { freeze: 'embeddings' })).rejects.toThrow(/--freeze: this model has no "embeddings"/);
  });

  it('keeps its codec; frequencies, primer and memory are of the other music', async () => {
    const { after, data } = await trainOn(model, { epochs: 1 });
    expect(after.codec.spec).toEqual(model.codec.spec);
    expect(prepareData(others, settings).codec.spec).not.toEqual(model.codec.spec);
    expect(after.frequencies).toEqual(data.frequencies);
    expect(after.frequencies).not.toEqual(model.frequencies);
    expect(after.primer).toEqual(data.primer);
    expect(after.memory).toBeUndefined();
  });

  it('says where the weights come from, and what all models before were trained on', async () => {
    const { after } = await trainOn(model, { epochs: 1 });
    expect(after.from).toEqual({ ...originOf(model, 'models/first'), trainedOn: model.data.train });
    expect(after.from!.digest).toMatch(/^[0-9a-f]{64}$/);
    const again = await trainOn(after, { epochs: 1 });
    expect(again.after.from!.digest).not.toBe(after.from!.digest);
    expect(again.after.from!.trainedOn).toEqual([...model.data.train, ...after.data.train]);
    const { extra, ...checkpoint } = decodeCheckpoint(again.files.at(-1)!);
    expect(() => musicModel({ ...checkpoint, extra: { ...extra, from: { path: 3 } } })).toThrow(
      /from: expected a digest/,
    );
  });

  it('goes on bit for bit from any file', async () => {
    const whole = await trainOn(model, { epochs: 3, stepsPerEpoch: 4, checkpointEvery: 3 });
    expect(whole.files.length).toBeGreaterThan(6);
    for (const bytes of whole.files.slice(0, -1)) {
      const checkpoint = decodeCheckpoint(bytes);
      if (checkpoint.training!.trainer.step === 12) continue;
      const rest = await trainOn(model, {}, checkpoint);
      expect(Buffer.compare(rest.files.at(-1)!, whole.files.at(-1)!)).toBe(0);
    }
  });

  it('works on the other kernels', async () => {
    const { before, after } = await trainOn(model, { epochs: 1, maxSteps: 1 }, undefined, 'auto');
    expect(before.parameters).toEqual(model.parameters);
    expect(after.step).toBe(1);
  });

  it('is refused with data of another codec, or settings of other weights', async () => {
    const fitted = prepareData(others, settings);
    const ask = (data: typeof fitted, settings: Settings) =>
      createTrainingRun(data, settings, 'quick', CHOICE, {}, { from: model });
    await expect(ask(fitted, settings)).rejects.toThrow(/prepared with another codec.*codec: model\.codec/);
    const larger = { ...settings, hiddenSize: 16 };
    await expect(ask(prepareData(others, larger, { codec: model.codec }), larger)).rejects.toThrow(/--hidden-size: the model has 12/); // prettier-ignore
  });
});

describe('the settings of training on', () => {
  it('are those of the model, with a third of the rate, and all files', () => {
    const some = { ...model, settings: { ...settings, files: 3 } };
    const { learningRate, ...rest } = fineTuningSettings(some);
    expect(learningRate).toBeCloseTo(settings.learningRate / 3, 5);
    expect(rest).toEqual({ ...settings, files: null, learningRate: undefined });
  });

  it('are those of data and training of a preset that is given', async () => {
    const performer = await toyModel(toySettings('performance', { embedding: 6, headHidden: 4 }));
    const { epochs, transpose, learningRate, ...rest } = fineTuningSettings(performer, { preset: 'quick' });
    expect([epochs, transpose]).toEqual([PRESETS.quick.epochs, 0]);
    expect(learningRate).toBeCloseTo(PRESETS.quick.learningRate / 3, 5);
    const { sustain, chords, embedding, order, headHidden, lossOn, dropout, velocity } = performer.settings;
    expect(rest).toMatchObject({ sustain, chords, embedding, order, headHidden, lossOn, dropout, velocity });
    expect(rest.seqLength).toBe(8);
  });

  it('take what is said in place of theirs, also what a model has already, and what ends a run instead', () => {
    const overrides = { learningRate: 0.01, dropout: 0.4, hiddenSize: 12, minutes: 2 };
    expect(fineTuningSettings(model, { overrides })).toMatchObject({ ...overrides, epochs: null });
  });

  it('keep the rate of a model that was trained on before', () => {
    const before = { ...model, from: originOf(model) };
    expect(fineTuningSettings(before).learningRate).toBe(settings.learningRate);
    expect(fineTuningSettings(before, { preset: 'quick' }).learningRate).toBeCloseTo(PRESETS.quick.learningRate / 3, 5);
  });

  it.each([
    [
      { hiddenSize: 13 },
      /--hidden-size: the model has 12 and cannot be trained on with 13: its weights have no other shape/,
    ],
    [{ layers: 2 }, /--layers: the model has 1/],
    [{ headHidden: 3 }, /--head-hidden: the model has 0/],
    [{ bins: 20 }, /--bins: the model has 12 .* learned what notes are in this way/],
    [{ velocity: 'classes' }, /--velocity: the model has none/],
    [{ embedding: 8 }, /--embedding: the model has none and cannot be trained on with 8/],
    [{ order: 'step,pitch,duration' }, /--order/],
    [{ sustain: true }, /--sustain: the model has false/],
    [{ chords: 30 }, /--chords: the model has 0/],
  ])('refuse %o, with the reason', (overrides, message) => {
    expect(() => fineTuningSettings(model, { overrides })).toThrow(UsageError);
    expect(() => fineTuningSettings(model, { overrides })).toThrow(message);
  });
});
