import { describe, expect, it } from 'vitest';
import { noteTable, type NoteTable } from '../../src/midi/index.ts';
import { musicModel, prepareData, type MusicModel } from '../../src/music/index.ts';
import { decodeCheckpoint, initialise, ParameterSet } from '../../src/nn/index.ts';
import { shuffledNotes } from '../../src/study/control-shuffle.ts';
import { studySong, type FindingKind, type StudyData } from '../../src/study/index.ts';
import { HeapArena, Random } from '../../src/tensor/index.ts';
import { corpusOf, markedSettings, toyModel, toyPiece, toySettings, toySong, toySongbook, trainToy } from '../support/toy-music.ts'; // prettier-ignore

const settings = toySettings('quick', { hiddenSize: 24, maxSteps: 200, stepsPerEpoch: 100, learningRate: 0.02 });
const song = { name: 'toy.mid', instrument: 'piano', tempo: [[0, 120]] as [number, number][], table: walk(300) };
const study = (model: MusicModel): Promise<StudyData> => studySong({ model, path: 'runs/toy', song });

/** Notes that wander, so that units have something to follow. */
function walk(count: number): NoteTable {
  const random = Random.stream(5, 'walk');
  let [start, pitch] = [0, 66];
  return noteTable(
    Array.from({ length: count }, () => {
      pitch = Math.min(84, Math.max(48, pitch + random.integer(9) - 4));
      const note = { pitch, velocity: 80, start, end: start + 0.2 + 0.3 * random.uniform() };
      start += 0.25 * (1 + random.integer(3));
      return note;
    }),
  );
}

/** What claims that something was learned. */
const CLAIMS: readonly FindingKind[] = ['memory', 'correlation', 'ablation', 'gradient', 'saliency', 'idle', 'saturation', 'path']; // prettier-ignore

describe('a network that was never trained', () => {
  it.each([7, 8, 9])(
    'follows pitch, remembers and lets gradients fade, and no finding says so (seed %i)',
    async (seed) => {
      const model = await toyModel(settings);
      const parameters = new ParameterSet(new HeapArena(), model.spec);
      initialise(parameters, Random.stream(seed, 'init'));
      const data = await study({ ...model, parameters: parameters.toArrays() });
      expect(data.control.seeds).not.toContain(seed);
      // Without the control all of these would be told: they are significant, and they are there.
      expect(data.units.some((unit) => unit.correlations.some(({ significant }) => significant))).toBe(true);
      expect(data.gradient.hundredthLag[0]).toBeGreaterThan(1);
      expect(Math.max(...data.units.map(({ span }) => span!.steps ?? 0))).toBeGreaterThan(1);
      expect(data.layers[0].path!.explained[0]).toBeGreaterThan(0.1);
      expect(data.findings.filter(({ kind }) => CLAIMS.includes(kind)).map(({ text }) => text)).toEqual([]);
      expect(data.findings.find(({ kind }) => kind === 'order')!.text).toMatch(
        /^The model hardly uses the order of the notes/,
      );
      const { what, why } = data.leftOut.find((each) => each.why.includes('untrained networks'))!;
      expect(what).toMatch(/memory spans.*what units follow \(.*pitch.*\).*the reach of the gradient/);
      expect(why).toMatch(/do the same/);
    },
  );
});

describe('a network that was trained', () => {
  it('uses the order of songs that it learned in order, and not of songs that it learned shuffled', async () => {
    const inOrder = await trainedOn(toySongbook(120).pieces.map(({ table }) => table));
    const random = Random.stream(1, 'shuffled');
    const shuffled = await trainedOn(toySongbook(120).pieces.map(({ table }) => shuffledNotes(table, random)));
    const orderOf = async (model: MusicModel) => {
      const data = await studySong({ model, path: 'toy', song: { ...song, table: toySong(63, 240) } });
      return data.findings.find(({ kind }) => kind === 'order')!.text;
    };
    expect(await orderOf(inOrder)).toMatch(/^The model uses the order of the notes: in random order the same notes cost \S+ nats a note, \S+ more/); // prettier-ignore
    expect(await orderOf(shuffled)).toMatch(/^The model hardly uses the order of the notes/);
  });

  it('has the control in its findings', async () => {
    const data = await study(await trainedOn([walk(400), walk(300)]));
    for (const { kind, text } of data.findings) if (CLAIMS.includes(kind)) expect(text).toContain('untrained networks');
    expect(data.control.untrained).toHaveLength(data.control.seeds.length);
    expect(data.control.notes).toBe(300);
  });
});

async function trainedOn(tables: readonly NoteTable[]): Promise<MusicModel> {
  const corpus = corpusOf(...tables.map((table, k) => toyPiece(`song ${k}`, table)));
  return musicModel(decodeCheckpoint((await trainToy(prepareData(corpus, settings), settings)).best));
}

describe('shuffled notes', () => {
  const { table } = song;
  const shuffled = shuffledNotes(table, Random.stream(3, 'shuffle'));
  const notesOf = ({ pitch, duration, velocity }: NoteTable) =>
    Array.from(pitch, (key, note) => `${key} ${duration[note].toFixed(6)} ${velocity[note]}`).sort();

  it('are the same notes in another order, one after another', () => {
    expect(notesOf(shuffled)).toEqual(notesOf(table));
    expect(Array.from(shuffled.pitch)).not.toEqual(Array.from(table.pitch));
    for (let note = 1; note < table.length; note++) {
      expect(shuffled.step[note]).toBeCloseTo(shuffled.start[note] - shuffled.start[note - 1], 9);
      expect(shuffled.step[note]).toBeGreaterThanOrEqual(0);
    }
  });

  it('stand in bars where their times place them', async () => {
    const model = await toyModel(markedSettings());
    const bars = { meter: [3, 4] as [number, number], place: new Uint8Array(table.length) };
    const placed = shuffledNotes({ ...table, bars }, Random.stream(3, 'shuffle'));
    const quarter = 0.5;
    const expected = Array.from(placed.start, (at) => Math.round(((at - placed.start[0]) / quarter) * 24) % 72);
    expect(Array.from(placed.bars!.place)).toEqual(expected);
    const data = await study(model);
    expect(data.control.order.heads.map(({ name }) => name)).toEqual(model.spec.heads.map(({ name }) => name));
  });
});

it.each([2, 3, 5])('a song of %i notes, which tell nothing, is studied all the same', async (notes) => {
  const model = await toyModel(markedSettings());
  const data = await studySong({ model, path: 'toy', song: { ...song, table: toySong(60, notes) } });
  expect(data.heads.map(({ standing }) => standing)).not.toContain('better');
  expect(data.findings.find(({ kind }) => kind === 'order')!.text).toMatch(/^The model hardly uses/);
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});
