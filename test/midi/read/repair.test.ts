import { describe, expect, it } from 'vitest';
import { guard } from '../../../src/midi/read/guard.ts';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { repair } from '../../../src/midi/read/repair.ts';
import * as midi from '../../support/midi-bytes.ts';

const note = (channel: number, pitch: number, ticks: number): number[][] => [
  midi.noteOn(0, pitch, 80, channel),
  midi.noteOff(ticks, pitch, channel),
];

function repaired(division: number, ...tracks: number[][][]) {
  const problems = new ProblemList();
  const guarded = guard(midi.midiFile(tracks, { division }), { compat: undefined, maxNotes: Infinity }, problems);
  return repair(guarded, { compat: undefined, nameOf: String, maxHours: 24 }, problems);
}

describe('repair', () => {
  it('lists the instruments of all tracks, and ends with the last note', () => {
    const file = repaired(100, note(0, 60, 400), [...note(9, 36, 100), ...note(1, 62, 100)]);
    expect(file).toMatchObject({ format: 1, resolution: 100, tempo: [[0, 120]], endTime: 2, problems: [] });
    expect(file.instruments.map(({ isDrum, notes }) => [isDrum, notes[0].pitch])).toEqual([
      [false, 60],
      [true, 36],
      [false, 62],
    ]);
  });

  it('leaves out tempos of 0, as damage', () => {
    const file = repaired(100, [midi.tempo(0, 250_000), midi.tempo(0, 0), midi.tempo(200, 0)], note(0, 60, 400));
    expect(file.tempo).toEqual([[0, 240]]);
    expect(file.endTime).toBe(1);
    expect(file.problems).toEqual([
      {
        code: 'bad-tempo',
        severity: 'damage',
        message: 'Track 1: 2 tempo events of 0; left out, so that times may be wrong.',
      },
    ]);
  });

  it('decodes SMPTE, and lets no tempo change it', () => {
    const file = repaired(0xe728, [midi.tempo(0, 1_000_000), ...note(0, 60, 2000)]);
    expect(file).toMatchObject({ resolution: 500, endTime: 2 });
    expect(file.tempo).toEqual([[0, expect.closeTo(120, 10)]]);
  });

  it('pairs notes across packets', () => {
    const many = Array.from({ length: 3000 }, (_, i) => note(0, i % 128, 5)).flat();
    const [{ notes }] = repaired(100, [midi.noteOn(0, 0, 33, 1), ...many, midi.noteOff(0, 0, 1)]).instruments;
    expect(notes).toHaveLength(3000);
    expect(notes.map(({ pitch }) => pitch)).toEqual(many.filter((_, i) => i % 2 === 0).map(([, , pitch]) => pitch));
  });
});
