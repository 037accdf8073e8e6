import { describe, expect, it } from 'vitest';
import { noteTable, type Meter, type NoteTable, type Timing } from '../../src/midi/index.ts';
import { StatefulRun } from '../../src/music/drawing/note-source.ts';
import { noteEvents } from '../../src/music/index.ts';
import { metreGrid } from '../../src/study/metre.ts';
import { studySong, type StudyData } from '../../src/study/index.ts';
import { preparePiece } from '../../src/music/prepare-table.ts';
import { toyModel, toySettings, toySong } from '../support/toy-music.ts';

const NOTES = 60;
const settings = toySettings('songbook', { time: 'beats', embedding: 6, headHidden: 5, batchSize: 4 });
const model = await toyModel(settings);
// Ends become as likely as some steps.
model.parameters['heads.step.bias'][model.codec.endClass!] += 3;

/** The toy song at so many quarters a minute, in bars of three. */
const at = (bpm: number, table = toySong(60, NOTES)): Promise<StudyData> =>
  studySong({ model, path: 'toy', song: { name: 'toy.mid', instrument: 'piano', table: paced(table, 120 / bpm), tempo: [[0, bpm]], meter: [[0, 3, 4]] } }); // prettier-ignore

function paced({ pitch, velocity, start, duration, length }: NoteTable, factor: number): NoteTable {
  const notes = Array.from({ length }, (_, k) => ({ pitch: pitch[k], velocity: velocity[k], start: factor * start[k], end: factor * (start[k] + duration[k]) })); // prettier-ignore
  return noteTable(notes);
}

describe('a study of a model that counts beats and knows ends', () => {
  it('hears the same notes at any tempo, and shows them at that of the song', async () => {
    const [slow, usual] = [await at(60), await at(120)];
    expect(slow.heads.map(({ surprise }) => surprise)).toEqual(usual.heads.map(({ surprise }) => surprise));
    expect(slow.song.seconds).toBeCloseTo(2 * usual.song.seconds, 3);
    const played = paced(toySong(60, NOTES), 2);
    slow.song.start.forEach((seconds, note) => expect(seconds).toBeCloseTo(played.start[note], 3));
    const [slowDuration, duration] = [slow, usual].map(({ heads }) => heads.find(({ name }) => name === 'duration')!.predicted); // prettier-ignore
    slowDuration.slice(1).forEach((seconds, k) => expect(seconds).toBeCloseTo(2 * duration[k + 1]!, 2));
  });

  it('has the bars of the file', async () => {
    const { song } = await at(60);
    expect(song.metre).toMatchObject({ beats: 3, beatSeconds: 1, cells: 12 });
    // The steps of the toy are 1/2, 1/2, 1/2, 1, 1/2 and 1 quarters.
    expect(song.metre.cell.slice(0, 7)).toEqual([0, 2, 4, 6, 10, 0, 4]);
  });

  it('reads as the model does when it draws, and says where it expects the end, which is no step', async () => {
    const { heads } = await at(120);
    const timing: Timing = { tempo: [[0, 120]], meter: [[0, 3, 4]] };
    const { table } = preparePiece({ table: toySong(60, NOTES), timing }, model.settings);
    const { step: targets } = model.codec.encode(table).targets;
    const run = new StatefulRun(model);
    const [step, ...others] = heads;
    const ends = noteEvents(table).flatMap((note, k, { length }) => {
      run.feed(note);
      if (k + 1 === length) return [];
      const logits = [...run.output(0)];
      const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
      expect(step.surprise[k + 1]).toBeCloseTo(Math.log(sum) - logits[targets[k + 1]], 2);
      return logits.indexOf(Math.max(...logits)) === model.codec.endClass ? k + 1 : [];
    });
    expect(ends.length).toBeGreaterThan(0);
    expect(ends.length).toBeLessThan(NOTES - 1);
    // The study counts from 1.
    expect(step.ends).toEqual(ends.map((note) => note + 1));
    step.predicted.forEach((seconds, note) => expect(seconds === null).toBe(note === 0 || ends.includes(note)));
    for (const head of others) {
      expect(head.ends).toBeUndefined();
      expect(head.predicted.slice(1)).not.toContain(null);
    }
  });

  it('takes pieces that are shorter than a window, as its training did', async () => {
    expect((await at(120, toySong(60, 5))).song.notes).toBe(5);
    await expect(at(120, toySong(60, 1))).rejects.toThrow(/1 note cannot be studied.* 2 at least/);
  });
});

it('lays written notes on the beats of their time signature', () => {
  const grid = (meter: Meter, ...place: number[]) => metreGrid({ ...toySong(60, place.length), bars: { meter, place: Uint8Array.from(place) } }, [[0, 90]]); // prettier-ignore
  const { cell, ...eighths } = grid([6, 8], 0, 3, 12, 60);
  expect(eighths).toEqual({ beats: 6, beatSeconds: 1 / 3, cellsPerBeat: 4, cells: 24 });
  expect([...cell]).toEqual([0, 1, 4, 20]);
  expect([...grid([2, 4], 47, 46, 24).cell]).toEqual([0, 0, 4]);
});
