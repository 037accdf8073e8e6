import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { NotationError, parseNotation, performScore, typedNotes } from '../../../src/midi/notation/index.ts';

/** [pitch, start, end] of each note at 120 quarter notes a minute: half a second each. */
const notesOf = (text: string, tempo = 120) =>
  typedNotes(text, { tempo }).map(({ pitch, start, end }) => [pitch, start, end]);

describe('typed notes', () => {
  it('are quarters in octave 4 until they say otherwise, in letters of either size', () => {
    expect(notesOf('C E g')).toEqual([[60, 0, 0.5], [64, 0.5, 1], [67, 1, 1.5]]); // prettier-ignore
    expect(notesOf('C5 D:8 eb4')).toEqual([[72, 0, 0.5], [74, 0.5, 0.75], [63, 0.75, 1]]); // prettier-ignore
    expect(notesOf('Bb3 F#4').map(([pitch]) => pitch)).toEqual([58, 66]);
    expect(notesOf('C4:4 E', 60)).toEqual([[60, 0, 1], [64, 1, 2]]); // prettier-ignore
    expect(typedNotes('c4', { tempo: 100 })[0].velocity).toBe(64);
  });

  it('are chords, rests, ties, tuplets and repetitions too, as in the songbook', () => {
    expect(notesOf('[C4 E G]:2 R:4 3:2(C5:8 D E) 2x(G4:16)')).toEqual(
      notesOf('[c4 e g]:2 r:4 3:2(c5:8 d e) 2x(g4:16)'),
    );
    expect(notesOf('[C4 E G]:2').map(([pitch, , end]) => [pitch, end])).toEqual([[60, 1], [64, 1], [67, 1]]); // prettier-ignore
    expect(notesOf('r:8 c4:4~ c:8')).toEqual([[60, 0.25, 1]]);
  });

  it('may have bar lines, which change nothing', () => {
    expect(notesOf('| C4:8 D | E F# | G |')).toEqual(notesOf('C4:8 D E F# G'));
    expect(notesOf('C4|E4')).toEqual(notesOf('C4 E4'));
  });

  it('sound as the same bar in a score does', () => {
    const element = fc.constantFrom(
      'c4:4',
      'd5:8',
      'bb3:16',
      '[e4 g b]:2',
      'r:8',
      '3:2(c5:8 d e)',
      '2x(f#4:32 g4)',
      'a2:4.',
    );
    fc.assert(
      fc.property(
        fc.array(element, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 10, max: 1000 }),
        (elements, tempo) => {
          const text = `c4:4 ${elements.join(' ')}`;
          const header = `title: T\ncomposer: C\nlicence: none\nmeter: 4/4\ntempo: 1/4 = ${tempo}\nvoices: v\n\n`;
          const lengths: Record<string, number> = { 'c4:4': 8, 'd5:8': 4, 'bb3:16': 2, '[e4 g b]:2': 16, 'r:8': 4, '3:2(c5:8 d e)': 8, '2x(f#4:32 g4)': 4, 'a2:4.': 12 }; // prettier-ignore
          const all = elements.reduce((sum, each) => sum + lengths[each], 8);
          const score = performScore(parseNotation(`${header}v: @${all}/32 ${text} |\n`));
          expect(typedNotes(text, { tempo })).toEqual(score.instruments[0].notes);
        },
      ),
    );
  });

  it.each([
    ['C4 h4 D', /^line 1, column 4: expected a note, .* got "h4"/],
    ['C4 E4x', /column 6: expected a space, got "x"/],
    ['Hello', /column 1: expected a note, .* got "Hello"/],
    ['C4:5', /column 1: expected a length of :1, :2/],
    ['[C4 E', /column 1: a chord without its "\]"/],
    ['C4 (D', /column 4/],
    ['C4 3:2(D E', /column 8: a group was opened here/],
    ['C4~ D', /column 1: this tie leads to no note/],
    ['g#9', /column 1: g#9 lies above g9/],
    ['r:4 r', /column 1: expected notes, for instance c4 e4 g4, got none/],
    ['', /expected notes/],
    ['@1/4 C4', /column 1: expected a note/],
  ])('%o is refused with the place of what is wrong', (text, message) => {
    expect(() => notesOf(text)).toThrow(NotationError);
    expect(() => notesOf(text)).toThrow(message);
  });

  it('are refused at a tempo that is none', () => {
    for (const tempo of [0, 9, 1001, NaN]) expect(() => notesOf('c4', tempo)).toThrow(UsageError);
  });

  it('are read or refused with a typed error, whatever the text', () => {
    const letters = fc.constantFrom(...'cCgbB#4:8.~[](|rR2x 3:@%é\n');
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 30 }), (text) => {
        try {
          expect(notesOf(text).length).toBeGreaterThan(0);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(NotationError);
        }
      }),
    );
  });
});
