import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notationToMidi, NotationError, parseNotation, performScore } from '../../../src/midi/notation/index.ts';
import { onOneInstrument } from '../../../src/midi/notation/perform.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import type { Note } from '../../../src/midi/types.ts';

/** 120 quarters to the minute: a whole note lasts two seconds. */
const header = (more = '') => `title: A tune
composer: Nobody
licence: public domain
meter: 4/4
tempo: 1/4 = 120
voices: right 70, left 50
${more}
`;
const perform = (music: string, more?: string) => performScore(parseNotation(`${header(more)}\n${music}\n`));
const played = (music: string, more?: string) =>
  perform(music, more).instruments[0].notes.map(({ pitch, start, end }) => [pitch, start, end]);

describe('performScore', () => {
  it('lays bars one after the other, at the tempo of the header', () => {
    expect(played('right: c4:2 d | R | e4:1')).toEqual([
      [60, 0, 1],
      [62, 1, 2],
      [64, 4, 6],
    ]);
    expect(perform('right: c4:1', 'key: G major')).toMatchObject({
      bars: 1,
      seconds: 2,
      options: { tempo: 120, resolution: 480, timeSignature: [4, 4], keySignature: { fifths: 1, minor: false } },
    });
  });

  it('joins ties over bar lines, and those of single notes of a chord', () => {
    expect(played('right: r:2 c4:2~ | c4:1~ | c4:4 r:2.')).toEqual([[60, 1, 4.5]]);
    expect(played('right: [c4~ e]:2 [c4 f]:2')).toEqual([
      [60, 0, 2],
      [64, 0, 1],
      [65, 1, 2],
    ]);
  });

  it.each([
    ['right: c4:2~ d', 8],
    ['right: c4:1~ | R | c4:1', 8],
    ['right: c4:4~ r c4:2', 8],
    ['right: c4:1~', 8],
  ])('refuses a tie that leads nowhere, at the tied note: %j', (music, column) => {
    expect(() => perform(music)).toThrow(NotationError);
    expect(() => perform(music)).toThrow(`line 9, column ${column}: this tie leads to no note of its pitch.`);
  });

  it('plays sections in order, and ties from one into the next', () => {
    const music = 'section A\nright: c4:1\n\nsection B\nright: d4:1~\n\nsection C\nright: d4:1';
    expect(played(music, 'play: A A B C')).toEqual([
      [60, 0, 2],
      [60, 2, 4],
      [62, 4, 8],
    ]);
  });

  it('gives each voice its velocity, and an accent to what begins a bar', () => {
    const notes = perform('right: c5:2 d\nleft: c3:2 d', 'accent: 8').instruments[0].notes;
    expect(notes.map(({ pitch, velocity }) => [pitch, velocity])).toEqual([
      [48, 58],
      [72, 78],
      [50, 50],
      [74, 70],
    ]);
    expect(perform('right: c5:1', 'accent: 127').instruments[0].notes[0].velocity).toBe(127);
  });

  it('puts both hands on one instrument with the title as its name, and keeps the voices by themselves', () => {
    const { instruments, voices } = perform('right: e4:1\nleft: c3:1', 'instrument: 6');
    expect(instruments).toHaveLength(1);
    expect(instruments[0]).toMatchObject({ program: 6, isDrum: false, name: 'A tune' });
    expect(instruments[0].notes.map(({ pitch }) => pitch)).toEqual([48, 64]);
    expect(voices.map(({ name, notes }) => [name, notes.map(({ pitch }) => pitch)])).toEqual([
      ['right', [64]],
      ['left', [48]],
    ]);
  });
});

describe('two voices on one key', () => {
  it('make one note when they strike it together, as long as the longer and as loud as the louder', () => {
    const { notes } = perform('right: c4:4 r:2.\nleft: c4:2 r').instruments[0];
    expect(notes).toEqual([{ pitch: 60, velocity: 70, start: 0, end: 1 }]);
  });

  it('end the held note where it is struck again; the new one lasts as long as the longer', () => {
    expect(played('right: r:4 c4:4 r:2\nleft: c4:1')).toEqual([
      [60, 0, 0.5],
      [60, 0.5, 2],
    ]);
  });

  it('never overlap on one instrument, and sound whenever a voice sounds', () => {
    const note = fc
      .tuple(fc.integer({ min: 60, max: 62 }), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 }))
      .map(([pitch, start, length]): Note => ({ pitch, velocity: 64, start, end: start + length }));
    fc.assert(
      fc.property(fc.array(note, { maxLength: 20 }), (notes) => {
        const merged = onOneInstrument(notes);
        const sounding = (all: readonly Note[], pitch: number, time: number) =>
          all.filter((each) => each.pitch === pitch && each.start <= time && time < each.end).length;
        for (const pitch of [60, 61, 62]) {
          for (let time = 0; time < 30; time++) {
            expect(sounding(merged, pitch, time)).toBe(Math.min(1, sounding(notes, pitch, time)));
          }
        }
        // Every onset of a voice is an onset of the instrument.
        const onsets = (all: readonly Note[]) => new Set(all.map((each) => `${each.pitch} at ${each.start}`));
        expect(onsets(merged)).toEqual(onsets(notes));
      }),
    );
  });
});

describe('notationToMidi', () => {
  it('writes what the text says: read back, every note is where it was written', () => {
    const bar = fc.array(fc.tuple(fc.integer({ min: 24, max: 107 }), fc.integer({ min: 1, max: 4 })), { minLength: 1 });
    const tempo = fc.integer({ min: 20, max: 400 });
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 4 }), tempo, (bars, bpm) => {
        // Expectations are counted here in sixteenths, by another way than the compiler's.
        const expected: { pitch: number; start: number; end: number }[] = [];
        let now = 0;
        const written = bars.map((notes) => {
          const sixteenths = notes.reduce((sum, [, length]) => sum + length, 0);
          const tokens = notes.map(([pitch, length]) => {
            expected.push({ pitch, start: now, end: now + length });
            now += length;
            const names = ['c', 'c#', 'd', 'eb', 'e', 'f', 'f#', 'g', 'g#', 'a', 'bb', 'b'];
            return `${names[pitch % 12]}${Math.floor(pitch / 12) - 1}:${['', '16', '8', '8.', '4'][length]}`;
          });
          return `@${sixteenths}/16 ${tokens.join(' ')}`;
        });
        const text = `${header().replace('1/4 = 120', `1/4 = ${bpm}`)}\nright: ${written.join(' | ')}\n`;
        const file = readMidi(notationToMidi(text));
        expect(file.problems).toEqual([]);
        const notes = file.instruments[0].notes.toSorted((a, b) => a.start - b.start);
        expect(notes.map(({ pitch }) => pitch)).toEqual(expected.map(({ pitch }) => pitch));
        const sixteenth = Math.round(6e7 / bpm) / 4e6;
        notes.forEach((each, i) => {
          expect(each.start).toBeCloseTo(expected[i].start * sixteenth, 9);
          expect(each.end).toBeCloseTo(expected[i].end * sixteenth, 9);
        });
      }),
    );
  });

  it('falls on ticks for thirty-seconds, triplets, quintuplets and dots', () => {
    const music = 'right: 3:2(c4:8 d e) 5:4(c4:16 d e f g) 8x(c4:32) c4:8. d:16';
    const file = readMidi(notationToMidi(`${header()}\n${music}\n`));
    const ticks = file.instruments[0].notes.map(({ start }) => start * 960);
    expect(file.resolution).toBe(480);
    ticks.forEach((tick) => expect(tick).toBeCloseTo(Math.round(tick), 6));
    expect(ticks.slice(0, 8).map(Math.round)).toEqual([0, 160, 320, 480, 576, 672, 768, 864]);
  });
});
