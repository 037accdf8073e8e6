import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { evaluateModel } from '../../src/music/evaluate.ts';
import { musicModel } from '../../src/music/music-model.ts';
import { prepareData } from '../../src/music/prepare.ts';
import { createTrainingRun } from '../../src/music/train.ts';
import { decodeCheckpoint } from '../../src/nn/index.ts';
import { wideObstacle } from '../../src/tensor/index.ts';
import { corpusOf, toyPiece, toySettings, toySong, toySongbook, trainToy } from '../support/toy-music.ts';

const CHOICE = { backend: 'auto', threads: 1 };

describe('training on a songbook', () => {
  it('learns it with the quick settings: far below what knowing the frequencies alone would give', async () => {
    const settings = toySettings('quick', { hiddenSize: 32, seqLength: 12, epochs: 24 });
    // Every key occurs several times, so that the held-back songs are in keys that were heard.
    const songs = [48, 53, 60].flatMap((key) => [0, 5, 10, 15].map((first) => toySong(key, 50, first)));
    const data = prepareData(corpusOf(...songs.map((song, i) => toyPiece(`song ${i}`, song))), settings);
    const { best, result } = await trainToy(data, settings, { backend: 'auto' });
    const losses = result.history.map(({ validation }) => validation!.loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    const evaluation = await evaluateModel(musicModel(decodeCheckpoint(best)), data.validationPieces, CHOICE);
    for (const { name, loss, baseline } of evaluation.heads) expect(loss, name).toBeLessThan(0.5 * baseline!);
    expect(evaluation.loss).toBeCloseTo(result.best!.loss, 4);
  });

  const settings = toySettings('quick', { hiddenSize: 8, epochs: 3, stepsPerEpoch: 5, velocity: 'number', clip: 0.5 });
  const data = prepareData(toySongbook(), settings);

  it('gives the same bytes for the same seed, and others for another', async () => {
    const one = await trainToy(data, settings);
    const two = await trainToy(prepareData(toySongbook(), settings), settings);
    for (const kind of ['best', 'last'] as const) {
      expect(two.files[kind]).toHaveLength(one.files[kind].length);
      two.files[kind].forEach((bytes, i) => expect(Buffer.compare(bytes, one.files[kind][i])).toBe(0));
    }
    const other = await trainToy(data, { ...settings, seed: settings.seed + 1 });
    expect(Buffer.compare(other.last, one.last)).not.toBe(0);
  });

  it('draws the first weights, the order of the windows and what is dropped from the seed', async () => {
    const beginnings = [1, 2].map(async (seed) => {
      const { engine, trainer } = await createTrainingRun(
        data,
        { ...settings, schedule: 'plateau' as const, flat: 0, seed, maxSteps: 1 },
        'quick',
        CHOICE,
        {
          onCheckpoint: (_kind, { training }) => void states.push(training!.trainer.shuffle),
        },
      );
      const { parameters, dropout } = await engine.readState();
      await trainer.run();
      await engine.dispose();
      return [parameters['lstm.0.kernel'], dropout];
    });
    const states: unknown[] = [];
    const [one, two] = await Promise.all(beginnings);
    expect(two[0]).not.toEqual(one[0]);
    expect(two[1]).not.toEqual(one[1]);
    expect(states).toHaveLength(2);
    expect(states[1]).not.toEqual(states[0]);
  });

  it.each(['reference', 'auto'])('goes on from any file bit for bit, on %s kernels', async (backend) => {
    const whole = await trainToy(data, { ...settings, checkpointEvery: 2 }, { backend });
    expect(whole.files.last.length).toBeGreaterThan(6);
    for (const from of whole.files.last.slice(0, -1)) {
      const rest = await trainToy(data, { ...settings, checkpointEvery: 2 }, { from, backend });
      expect(Buffer.compare(rest.last, whole.last)).toBe(0);
      expect(rest.result).toEqual(whole.result);
    }
  });

  it.skipIf(wideObstacle() !== undefined)('goes on bit for bit from relaxed to wide kernels and back', async () => {
    const often = { ...settings, checkpointEvery: 2 };
    const whole = await trainToy(data, often, { backend: 'simd-relaxed' });
    const wide = await trainToy(data, often, { backend: 'simd-wide' });
    expect(wide.files.last.length).toBeGreaterThan(6);
    wide.files.last.forEach((bytes, i) => expect(Buffer.compare(bytes, whole.files.last[i])).toBe(0));
    for (const [there, back] of [
      ['simd-relaxed', 'simd-wide'],
      ['simd-wide', 'simd-relaxed'],
    ]) {
      const [from] = (await trainToy(data, often, { backend: there })).files.last;
      const rest = await trainToy(data, often, { from, backend: back });
      expect(Buffer.compare(rest.last, whole.last)).toBe(0);
    }
  });

  it('puts into every file what it takes to use it: codec, settings, primer, what it was trained on', async () => {
    const { files } = await trainToy(data, settings);
    for (const bytes of [...files.best, ...files.last]) {
      const model = musicModel(decodeCheckpoint(bytes));
      expect(model.codec.spec).toEqual(data.codec.spec);
      expect(model.settings).toEqual(settings);
      expect(model.primer).toEqual(data.primer);
      expect(model.data.train).toHaveLength(data.trainPieces.length);
      expect(new Set([...model.data.train, ...model.data.validation]).size).toBe(10);
    }
  });

  it('hands the settings to the trainer', async () => {
    const stopped = await trainToy(data, { ...settings, maxSteps: 7 });
    expect(stopped.result).toMatchObject({ reason: 'max steps', step: 7 });
    const patient = await trainToy(data, { ...settings, learningRate: 0.2, epochs: 40, stepsPerEpoch: 2, patience: 2 });
    expect(patient.result.reason).toBe('early stopping');
    const { engine, trainer } = await createTrainingRun(data, { ...settings, clip: 1e-6 }, 'quick', CHOICE);
    const { history } = await trainer.run();
    await engine.dispose();
    expect(history.map(({ clipped }) => clipped)).toEqual([1, 1, 1]);
  });

  it('refuses an unknown backend, settings that the trainer cannot take, and a bidirectional model', async () => {
    await expect(createTrainingRun(data, settings, 'quick', { backend: 'abacus', threads: 1 })).rejects.toThrow(
      UsageError,
    );
    await expect(createTrainingRun(data, { ...settings, epochs: 0 }, 'quick', CHOICE)).rejects.toThrow(UsageError);
    const both = { ...data, spec: { ...data.spec, lstm: { ...data.spec.lstm, bidirectional: true as const } } };
    const refused = createTrainingRun(both, settings, 'quick', CHOICE);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/^music: this model is bidirectional/);
  });
});
