import { describe, expect, it } from 'vitest';
import { musicModel } from '../../src/music/music-model.ts';
import { noteEvents, prepareData } from '../../src/music/prepare.ts';
import type { Settings } from '../../src/music/settings.ts';
import { CheckpointError, decodeCheckpoint, encodeCheckpoint, UsageError, type Checkpoint, type ModelSpec } from '../../src/nn/index.ts'; // prettier-ignore
import { toyCheckpoint, toySettings, toySongbook, trainToy } from '../support/toy-music.ts';

const codings: Partial<Settings>[] = [
  {},
  { velocity: 'number' },
  { pitch: 'scalar', step: 'log', duration: 'raw', velocity: 'number' },
  { pitch: 'scalar', step: 'raw', duration: 'bins' },
  { step: 'raw', duration: 'log' },
];

describe.each(codings)('a model of music with %j', (overrides) => {
  const settings = toySettings('quick', overrides);

  it('comes back from its file with all that is needed to use it', async () => {
    const data = prepareData(toySongbook(), settings);
    const checkpoint = await toyCheckpoint(settings);
    const model = musicModel(decodeCheckpoint(encodeCheckpoint(checkpoint)));
    expect(model.spec).toEqual(data.spec);
    expect(model.parameters).toEqual(checkpoint.parameters);
    expect(model.codec.spec).toEqual(data.codec.spec);
    expect(model.codec.inputs).toEqual(data.codec.inputs);
    expect(model.settings).toEqual(settings);
    expect(model.preset).toBe('quick');
    expect(model.primer).toEqual(data.primer);
    expect(model.data).toEqual({
      train: data.trainPieces.map(({ digest }) => digest),
      validation: data.validationPieces.map(({ digest }) => digest),
    });
    expect([model.history, model.step, model.engineName]).toEqual([[], null, 'unknown']);
  });

  it('feeds the network in generation exactly what training fed it', async () => {
    const { codec } = musicModel(await toyCheckpoint(settings));
    const data = prepareData(toySongbook(), settings);
    const batch = data.train.createBatch(1, 'last');
    const categories = new Int32Array(codec.inputs.categories.length);
    const features = new Float32Array(codec.inputs.features.length);
    let window = 0;
    for (const { table } of data.trainPieces) {
      const notes = noteEvents(table);
      for (let start = 0; start + settings.seqLength < table.length; start++, window++) {
        data.train.fill(batch, [window]);
        for (let t = 0; t < settings.seqLength; t++) {
          codec.encodeNote(notes[start + t], categories, features);
          const width = features.length;
          expect([...batch.features.subarray(t * width, (t + 1) * width)]).toEqual([...features]);
          expect(batch.categories.map((column) => column[t])).toEqual([...categories]);
        }
      }
    }
    expect(window).toBe(data.train.size);
  });
});

describe('a model of music', () => {
  const settings = toySettings('quick', { hiddenSize: 6, epochs: 3, stepsPerEpoch: 4, learningRate: 0.3 });

  it('takes the best weights that the newest checkpoint carries, and its history', async () => {
    // A learning rate that spoils the weights again: the last epoch is not the best.
    const { best, last, result } = await trainToy(prepareData(toySongbook(), settings), settings);
    expect(result.best!.epoch).toBeLessThan(3);
    const model = musicModel(decodeCheckpoint(last));
    expect(model.parameters).toEqual(decodeCheckpoint(best).parameters);
    expect(model.parameters).not.toEqual(decodeCheckpoint(last).parameters);
    expect(model.history).toEqual(result.history);
    expect(model.step).toBe(12);
    expect(model.engineName).toBe('reference');
  });
});

describe('a file that is no model of music', () => {
  const settings = toySettings('quick', { hiddenSize: 4 });

  /** A sound checkpoint after something was done to it, by way of a file. */
  async function damaged(change: (checkpoint: Checkpoint) => void): Promise<Checkpoint> {
    const checkpoint = await toyCheckpoint(settings);
    change(checkpoint);
    return decodeCheckpoint(encodeCheckpoint(checkpoint));
  }

  it.each(['codec', 'settings', 'primer', 'data'])('is refused without its %s', async (part) => {
    const checkpoint = await damaged(({ extra }) => Reflect.deleteProperty(extra, part));
    expect(() => musicModel(checkpoint)).toThrow(CheckpointError);
    expect(() => musicModel(checkpoint)).toThrow(/no codec for music; it was not made by "etude train"/);
  });

  it('is refused with the reason when its network is bidirectional', async () => {
    const { extra, spec, parameters } = await toyCheckpoint(settings);
    const both: ModelSpec = { ...spec, lstm: { ...spec.lstm, bidirectional: true } };
    const other = { extra, parameters, spec: both };
    expect(() => musicModel(other)).toThrow(UsageError);
    expect(() => musicModel(other)).toThrow(/^music: this model is bidirectional: it reads each sequence from its end/);
  });

  it.each<[what: string, change: { bins?: object }]>([
    ['another pitch coding', { pitch: 'scalar' } as object],
    ['velocity, which the network does not know', { velocity: 'number' } as object],
    ['fewer classes than the network', { bins: { step: { edges: [], centres: [0.2] } } }],
    ['a time coding without classes', { step: 'log', bins: { step: undefined } } as object],
  ])('is refused when its codec has %s', async (_what, change) => {
    const checkpoint = await damaged(({ extra }) => {
      const codec = extra.codec as { bins: object };
      extra.codec = { ...codec, ...change, bins: { ...codec.bins, ...change.bins } };
    });
    expect(() => musicModel(checkpoint)).toThrow(CheckpointError);
    expect(() => musicModel(checkpoint)).toThrow(/codec in this file does not fit its network; the file is damaged/);
  });

  it.each([
    [{ instrument: '_irst' }, /description of its music cannot be read: Expected an instrument as first.*got "_irst"/],
    [{ charset: 'utf-9' }, /description of its music cannot be read: charset: "utf-9" is none that can be decoded/],
    [{ hiddenSize: null }, /description of its music cannot be read: --hidden-size/],
  ])('is refused as a file, not as a wrong word of the user, when its settings have %j', async (change, message) => {
    const checkpoint = await damaged(({ extra }) => Object.assign(extra.settings as object, change));
    expect(() => musicModel(checkpoint)).toThrow(CheckpointError);
    expect(() => musicModel(checkpoint)).toThrow(message);
  });

  it('is refused when its network says a number where its codec draws a class, or has other heads', async () => {
    const checkpoint = await toyCheckpoint(toySettings('quick', { hiddenSize: 4, step: 'log' }));
    const classes = (await toyCheckpoint(settings)).extra.codec;
    expect(() => musicModel({ ...checkpoint, extra: { ...checkpoint.extra, codec: classes } })).toThrow(
      CheckpointError,
    );
    const [pitch, ...others] = checkpoint.spec.heads;
    const renamed = { ...checkpoint.spec, heads: [{ ...pitch, name: 'key' }, ...others] };
    expect(() => musicModel({ ...checkpoint, spec: renamed })).toThrow(/does not fit its network/);
  });

  it.each([
    ['a codec with an unknown key', { codec: { pitch: 'onehot', colour: 'red' } }, /unknown key "colour"/],
    ['a codec that is a number', { codec: 3 }, /expected an object/],
    ['settings with a value out of range', { settings: { ...settings, seqLength: 0 } }, /--seq-length/],
    ['settings with an unknown key', { settings: { ...settings, x: 1 } }, /unknown key "x"/],
    ['settings that are a text', { settings: 'quick' }, /expected an object/],
    ['settings that are null', { settings: null }, /expected an object/],
    ['a primer with a note that is none', { primer: { name: '', notes: [{ pitch: 200 }] } }, /not made by/],
    ['a primer with a time before time', { primer: { name: '', notes: [note({ step: -1 })] } }, /not made by/],
    ['a primer that is null', { primer: null }, /not made by/],
    ['digests that are no lists', { data: { train: 'all', validation: [] } }, /not made by/],
  ])('is refused with %s', async (_what, change, message) => {
    const checkpoint = await damaged(({ extra }) => Object.assign(extra, change));
    expect(() => musicModel(checkpoint)).toThrow(CheckpointError);
    expect(() => musicModel(checkpoint)).toThrow(message);
  });
});

function note(change: object): object {
  return { pitch: 60, step: 0, duration: 1, velocity: 64, ...change };
}
