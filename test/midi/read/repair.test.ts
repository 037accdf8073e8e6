import { describe, expect, it } from 'vitest';
import type { ParsedEvent, ParsedMidi } from '../../../src/midi/read/parse.ts';
import { ProblemList } from '../../../src/midi/read/problems.ts';
import { repair } from '../../../src/midi/read/repair.ts';

const note = (channel: number, pitch: number, ticks: number): ParsedEvent[] => [
  { deltaTime: 0, type: 9, channel, data: [pitch, 80] },
  { deltaTime: ticks, type: 8, channel, data: [pitch, 0] },
];
const tempo = (deltaTime: number, data: number): ParsedEvent => ({ deltaTime, type: 255, metaType: 0x51, data });

function repaired(timeDivision: ParsedMidi['timeDivision'], ...tracks: ParsedEvent[][]) {
  const track = tracks.map((event) => ({ event }));
  return repair({ formatType: 1, tracks: tracks.length, track, timeDivision }, new ProblemList());
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

  it('takes tempo from the first track alone, and leaves out tempos of 0', () => {
    const file = repaired(
      100,
      [tempo(0, 250_000), tempo(0, 0), tempo(200, 0)],
      [tempo(0, 1_000_000), ...note(0, 60, 400)],
    );
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

  it('decodes SMPTE as the parser gives it, and lets no tempo change it', () => {
    // 0xE7 is 25 frames a second; midi-parser-js gives it less 128.
    const file = repaired([0xe7 - 128, 40], [tempo(0, 1_000_000), ...note(0, 60, 2000)]);
    expect(file).toMatchObject({ resolution: 500, endTime: 2 });
    expect(file.tempo).toEqual([[0, expect.closeTo(120, 10)]]);
  });
});
