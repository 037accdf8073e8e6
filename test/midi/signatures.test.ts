import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRID, inBeats, placesOf } from '../../src/midi/beats.ts';
import { notationToMidi, parseNotation, performScore } from '../../src/midi/notation/index.ts';
import { readMidi } from '../../src/midi/read/read-midi.ts';
import { noteTable } from '../../src/midi/table.ts';
import { MidiWriteError, writeMidi, type WriteOptions } from '../../src/midi/write.ts';
import type { Instrument, Meter } from '../../src/midi/types.ts';
import { countedByTone } from '../support/bars.ts';

const lasting = (seconds: number): Instrument => {
  return { program: 0, isDrum: false, name: '', notes: [{ pitch: 60, velocity: 80, start: 0, end: seconds }] };
};
const written = (options: WriteOptions) => writeMidi([lasting(8)], options);

describe('time signatures that follow the first', () => {
  it('stand in their ticks, where another reader has its bars', () => {
    const bytes = written({ resolution: 480, timeSignature: [1, 4], laterSignatures: [[0.5, 3, 4], [3.5, 2, 4], [4.5, 6, 8]] }); // prettier-ignore
    const { meter, bars } = countedByTone(bytes);
    expect(meter).toEqual([[0, 1, 4], [1, 3, 4], [7, 2, 4], [9, 6, 8]]); // prettier-ignore
    expect(bars.map(({ quarter }) => quarter)).toEqual([0, 1, 4, 7, 9, 12, 15]);
    expect(readMidi(bytes).meter).toEqual([[0, 1, 4], [0.5, 3, 4], [3.5, 2, 4], [4.5, 6, 8]]); // prettier-ignore
    expect(readMidi(bytes).problems).toEqual([]);
  });

  it('are where another reader finds them, at any tempo and resolution', () => {
    const meters = fc.constantFrom<Meter>([2, 4], [3, 4], [4, 4], [6, 8], [5, 16], [1, 2]);
    const later = fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), meters), { maxLength: 6 });
    fc.assert(
      fc.property(
        later,
        fc.integer({ min: 20, max: 400 }),
        fc.constantFrom(24, 480, 960),
        (given, asked, resolution) => {
          // A whole number of microseconds, as a file says it.
          const tempo = 6e7 / Math.round(6e7 / asked);
          let place = 0;
          const laterSignatures = given.map(([places, meter]): [number, number, number] => {
            place += places;
            return [((place / GRID) * 60) / tempo, ...meter];
          });
          const { meter } = countedByTone(written({ tempo, resolution, laterSignatures }));
          place = 0;
          expect(meter).toEqual([[0, 4, 4], ...given.map(([places, each]) => [(place += places) / GRID, ...each])]);
        },
      ),
    );
  });

  it('say nothing more where there are none', () => {
    expect(written({ laterSignatures: [] })).toEqual(written({}));
  });

  it.each([
    [
      'out of order',
      [
        [2, 3, 4],
        [1, 4, 4],
      ],
      /laterSignatures: expected seconds in ascending order .* got 1\./,
    ],
    ['before the beginning', [[-1, 3, 4]], /ascending order .* got -1\./],
    ['at no time', [[NaN, 3, 4]], /ascending order .* got NaN\./],
    ['later than a file can say', [[1e6, 3, 4]], /that the file can hold, got 1000000\./],
    ['of no beats', [[1, 0, 4]], /timeSignature: expected \[1 to 255, 1 or 2 or 4 … or 64\], got \[0, 4\]/],
    ['of thirds', [[1, 4, 3]], /got \[4, 3\]/],
  ] as [string, NonNullable<WriteOptions['laterSignatures']>, RegExp][])(
    'are refused %s',
    (_what, laterSignatures, message) => {
      // prettier-ignore
      expect(() => written({ laterSignatures })).toThrow(MidiWriteError);
      expect(() => written({ laterSignatures })).toThrow(message);
    },
  );
});

describe('the bar lines of a score', () => {
  const songbook = readdirSync(resolve('data/songbook')).filter((name) => name.endsWith('.txt'));

  /** The bars of a score as they are played, in places of the grid. */
  function barsOf(text: string): { from: number; places: number }[] {
    const { order, sections } = parseNotation(text);
    let from = 0;
    return order.flatMap((section) => sections[section].bars).map(({ length }) => {
      const bar = { from, places: (4 * GRID * length.n) / length.d };
      from += bar.places;
      return bar;
    }); // prettier-ignore
  }

  it.each(songbook)('are those of the file made of it, to another reader and to a model: %s', (name) => {
    const text = readFileSync(resolve('data/songbook', name), 'utf8');
    const { header } = parseNotation(text);
    const bars = barsOf(text);
    const bytes = notationToMidi(text);
    const tones = countedByTone(bytes).bars.map(({ quarter }) => Math.round(1e6 * quarter) / 1e6);
    // The last bars may be silent.
    expect(tones).toEqual(bars.slice(0, tones.length).map(({ from }) => from / GRID));
    expect(tones.length).toBeGreaterThan(bars.length - 3);

    const { tempo, meter, instruments } = readMidi(bytes);
    const beats = inBeats(noteTable(instruments[0].notes), { tempo, meter });
    const full = placesOf([header.meter.beats, header.meter.unit]);
    expect(beats.bars!.meter).toEqual([header.meter.beats, header.meter.unit]);
    const expected = Array.from(beats.start, (seconds) => {
      const at = Math.round(seconds * 2 * GRID);
      const k = bars.findLastIndex(({ from }) => from <= at);
      const { from, places } = bars[k];
      // A short bar is a pickup at the beginning, and after another short one, which it completes.
      const isPickup = places < full && (k === 0 || bars[k - 1].places < full);
      return (isPickup ? full - places : 0) + at - from;
    });
    expect([...beats.bars!.place]).toEqual(expected);
  });

  const header = 'title: T\ncomposer: N\nlicence: public domain\nmeter: 4/4\ntempo: 1/4 = 120\nvoices: right 70\n';
  const optionsOf = (music: string) => performScore(parseNotation(`${header}\nright: ${music}\n`)).options;

  it('are written where the length of bars changes, and only there', () => {
    expect(optionsOf('@1/4 c4:4 | d4:1 | e4:1')).toMatchObject({ timeSignature: [1, 4], laterSignatures: [[0.5, 4, 4]] }); // prettier-ignore
    expect(optionsOf('@3/8 c4:4. | d4:1 | @1/2 e4:2')).toMatchObject({
      timeSignature: [3, 8],
      laterSignatures: [[0.75, 4, 4], [2.75, 2, 4]],
    }); // prettier-ignore
    expect(optionsOf('c4:1 | d4:1')).toMatchObject({ timeSignature: [4, 4], laterSignatures: [] });
    expect(optionsOf('@1/1 c4:1 | @2/1 d4:1 d4:1')).toMatchObject({ timeSignature: [4, 4], laterSignatures: [[2, 8, 4]] }); // prettier-ignore
  });

  it('are left out of bars as long as no time signature says', () => {
    const music = `${header}\nright: @1/12 3:2(c4:8) | d4:1 | e4:1\n`;
    expect(optionsOf('@1/12 3:2(c4:8) | d4:1 | e4:1')).toMatchObject({ timeSignature: [4, 4], laterSignatures: [] });
    expect(readMidi(notationToMidi(music)).problems).toEqual([]);
  });
});
