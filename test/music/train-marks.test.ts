import { describe, expect, it } from 'vitest';
import { prepareData } from '../../src/music/prepare.ts';
import { studySong } from '../../src/study/index.ts';
import { bestSimdVariant } from '../../src/tensor/index.ts';
import { markedSettings, toyModel, toySong, toySongbook, trainToy } from '../support/toy-music.ts';

const model = await toyModel(markedSettings());

describe('training with ends and beats', () => {
  const settings = markedSettings({ checkpointEvery: 2 });
  const data = prepareData(toySongbook(), settings);

  it.each(['reference', 'auto'])('goes on from any file bit for bit, on %s kernels', async (backend) => {
    const whole = await trainToy(data, settings, { backend });
    expect(whole.files.last.length).toBeGreaterThan(3);
    for (const from of whole.files.last.slice(0, -1)) {
      const rest = await trainToy(data, settings, { from, backend });
      expect(Buffer.compare(rest.last, whole.last)).toBe(0);
    }
  });

  it.skipIf(bestSimdVariant() === undefined)('goes on bit for bit on two threads, which come near to one', async () => {
    const whole = await trainToy(data, settings, { backend: 'simd', threads: 2 });
    const rest = await trainToy(data, settings, { backend: 'simd', threads: 2, from: whole.files.last[1] });
    expect(Buffer.compare(rest.last, whole.last)).toBe(0);
    const dry = { ...settings, dropout: 0, inputDropout: 0 };
    const lossesOn = async (threads: number): Promise<number[]> => {
      const { result } = await trainToy(prepareData(toySongbook(), dry), dry, { backend: 'simd', threads });
      return result.history.map(({ loss }) => loss);
    };
    const [one, two] = [await lossesOn(1), await lossesOn(2)];
    one.forEach((loss, k) => {
      expect(two[k]).toBeCloseTo(loss, 4);
    });
  });
});

describe('a study of a model with ends and beats', () => {
  it('hears the song in its own beats and bars, and shows no note where an end is likeliest', async () => {
    const end = model.codec.endClass!;
    const sure = Object.fromEntries(
      Object.entries(model.parameters).map(([name, values]) => [
        name,
        name === 'heads.step.bias' ? values.map((value, k) => (k === end ? 1000 : value)) : values,
      ]),
    );
    const table = toySong(60, 24);
    const at = (bpm: number) => {
      const slower = (seconds: number) => (seconds * 120) / bpm;
      const [start, step, duration] = [table.start, table.step, table.duration].map((column) => column.map(slower));
      const song = { ...table, start, step, duration };
      return { name: 'x', instrument: 'piano', table: song, tempo: [[0, bpm]] as [number, number][], meter: [[0, 3, 4]] as [number, number, number][] }; // prettier-ignore
    };
    const studied = (song: ReturnType<typeof at>, parameters = model.parameters) =>
      studySong({ model: { ...model, parameters }, path: 'm', song, backend: 'reference' });
    const [usual, slow] = [await studied(at(120)), await studied(at(60))];
    // What is predicted is said in the song's own seconds.
    const surprise = ({ heads }: typeof usual) => heads.map(({ name, surprise }) => ({ name, surprise }));
    expect(surprise(slow)).toEqual(surprise(usual));
    expect(slow.units.map(({ cost }) => cost)).toEqual(usual.units.map(({ cost }) => cost));
    const { heads } = await studied(at(120), sure);
    // The other heads are asked for the note that came.
    const [step] = heads.filter(({ name }) => name === 'step');
    expect(step.predicted.every((value) => value === null)).toBe(true);
    expect(usual.heads.some(({ predicted }) => predicted.some((value) => value !== null))).toBe(true);
  });
});
