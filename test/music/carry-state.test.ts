import { describe, expect, it } from 'vitest';

import { DataError } from '../../src/errors.ts';
import { evaluateModel } from '../../src/music/evaluate.ts';
import { evaluateWholePieces } from '../../src/music/evaluation/whole-pieces.ts';
import { fineTuningSettings } from '../../src/music/fine-tune.ts';
import { createTrainingRun, musicModel, prepareTable } from '../../src/music/index.ts';
import { judgedFrom, prepareData } from '../../src/music/prepare.ts';
import { resolveSettings } from '../../src/music/presets.ts';
import { checkTogether, parseSettings, type Settings } from '../../src/music/settings.ts';
import { atOnce, decodeCheckpoint, StreamDataset, WindowDataset } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';
import {
  corpusOf,
  markedSettings,
  toyPiece,
  toySettings,
  toySong,
  toySongbook,
  trainToy,
} from '../support/toy-music.ts';

const CHOICE = { backend: 'reference', threads: 1 };
const CARRIED: Partial<Settings> = { carryState: true, batchSize: 3, validation: 0.2 };
const quick = toySettings('quick', { ...CARRIED, epochs: 3, stepsPerEpoch: null });
const marked = markedSettings({ ...CARRIED, maxSteps: 12, stepsPerEpoch: 6 });

describe.each([
  ['pieces as they are', quick],
  ['pieces with a beginning and an end, in other keys in every epoch', marked],
] as const)('music whose state is carried: %s', (_, settings) => {
  const data = prepareData(toySongbook(), settings);

  it('is read as whole pieces', () => {
    expect(data.train).toBeInstanceOf(StreamDataset);
    expect(data.train.isVaried).toBe(settings.transpose > 0);
    // All that follows something: of 60 notes 59, or, with the marks before and after, 61.
    const asked = settings.ends ? 61 : 59;
    expect(data.train.size).toBe(8 * Math.ceil(asked / settings.seqLength));
    expect(judgedFrom(settings)).toBe(1);
    expect(data.spec.evaluateOn).toBe('all');
  });

  it('is judged as whole pieces, whoever reads them', async () => {
    const { files, result, best } = await trainToy(data, settings);
    expect(result.history.length).toBeGreaterThan(0);
    const model = musicModel(decodeCheckpoint(best));
    const found = await evaluateModel(model, data.validationPieces, CHOICE);
    const watched = result.history[result.best!.epoch - 1].validation!;
    expect(found.loss).toBeCloseTo(watched.loss, 6);
    const tables = data.validationPieces.map((piece) => prepareTable(piece, model.settings));
    const whole = await evaluateWholePieces(model, tables, { recall: 0 });
    for (const { name, model: nats } of whole.heads) {
      const head = found.heads.find((each) => each.name === name)!;
      // Behind a mark the first note is judged too, which reading whole pieces leaves out.
      if (settings.ends) expect(Math.abs(head.loss - nats), name).toBeLessThan(0.1 * nats);
      else expect(head.loss, name).toBeCloseTo(nats, 4);
      expect(head.baseline).toBeCloseTo(data.heldOutBaseline![name], 6);
    }
    expect(found.windows).toBe(data.validation!.size);
    expect(files.last.length).toBeGreaterThan(1);
  });

  it.each([1, 4])('goes on from step %d as if it had not been interrupted', async (maxSteps) => {
    const whole = await trainToy(data, { ...settings, maxSteps: 9, schedule: 'constant', flat: 0 });
    const part = await trainToy(data, { ...settings, maxSteps, schedule: 'constant', flat: 0 });
    const rest = await trainToy(data, { ...settings, maxSteps: 9, schedule: 'constant', flat: 0 }, { from: part.last });
    expect(decodeCheckpoint(rest.last).training!.engine).toEqual(decodeCheckpoint(whole.last).training!.engine);
  });
});

describe('a stream of music', () => {
  it('has every note of a piece moved by the same interval, another in the next epoch', () => {
    const settings = markedSettings({ ...CARRIED, transpose: 5, validation: 0 });
    const data = prepareData(toySongbook(), settings);
    const plain = prepareData(toySongbook(), { ...settings, transpose: 0 });
    const order = atOnce(data.train.streams!.order(3, Random.stream(1, 'shuffle')));
    const movesOf = (epoch: number): Set<number>[] => {
      const [batch, original] = [data, plain].map(({ train }) => train.createBatch(3, 'all'));
      const moves: Set<number>[] = [];
      for (let at = 0; at < order.length; at += 3) {
        data.train.fill(batch, order, at, (place) => Random.stream(5, `vary ${epoch} ${place}`));
        plain.train.fill(original, order, at);
        for (let row = 0; row < batch.targets.pitch.length; row++) {
          const [b, t] = [row % 3, Math.floor(row / 3)];
          const isNote = batch.targets.step[row] !== data.codec.endClass;
          if (original.weights![b] === 0 || t >= original.lengths![b] || !isNote) continue;
          const piece = Math.floor(order[at + b] / Math.ceil(61 / settings.seqLength));
          (moves[piece] ??= new Set()).add(batch.targets.pitch[row] - original.targets.pitch[row]);
        }
      }
      return moves;
    };
    const first = movesOf(0);
    expect(first.map(({ size }) => size)).toEqual(Array(10).fill(1));
    expect(new Set(first.flatMap((set) => [...set])).size).toBeGreaterThan(3);
    expect(movesOf(0)).toEqual(first);
    expect(movesOf(1)).not.toEqual(first);
  });

  it('takes pieces that are shorter than a window', () => {
    const pieces = [toyPiece('two', toySong(50, 2)), toyPiece('five', toySong(48, 5)), toyPiece('one', toySong(60, 1))];
    const data = prepareData(corpusOf(...pieces), { ...quick, validation: 0 });
    expect(data.tooShort).toEqual(['songs/one.mid']);
    expect(data.train.size).toBe(2);
    expect(() => prepareData(corpusOf(pieces[2]), quick)).toThrow(DataError);
  });

  it('is what a model of windows can be trained on with', async () => {
    const windows = toySettings('quick', { epochs: 1, stepsPerEpoch: 3 });
    const data = prepareData(toySongbook(), windows);
    expect(data.train).toBeInstanceOf(WindowDataset);
    const model = musicModel(decodeCheckpoint((await trainToy(data, windows)).best));
    const settings = fineTuningSettings(model, { overrides: { carryState: true, epochs: 1 } });
    const streams = prepareData(toySongbook(), settings, { codec: model.codec });
    const { engine, trainer } = await createTrainingRun(streams, settings, 'quick', CHOICE, {}, { from: model });
    expect((await engine.readState()).parameters).toEqual(model.parameters);
    expect((await trainer.run()).history[0].validation!.loss).toBeGreaterThan(0);
    await engine.dispose();
  });
});

describe('the setting carryState', () => {
  it('is off in files that are older', () => {
    const { carryState, ...older } = resolveSettings('quick');
    expect([carryState, parseSettings(older).carryState]).toEqual([false, false]);
  });

  it.each([
    [{ lossOn: 'last' }, /--carry-state: windows that go on from each other have their loss on every note; add --loss-on all/],
    [{ accumulate: 2 }, /--accumulate: with --carry-state each batch is a training step/],
  ])('is refused with %j', (overrides, message) => {
    expect(() => checkTogether(resolveSettings('quick', { carryState: true, ...overrides }))).toThrow(message);
  }); // prettier-ignore
});
