import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotationError, parseNotation, type Score } from '../../../src/midi/notation/index.ts';

const HEADER = `title: A tune
composer: Nobody
licence: public domain
meter: 4/4
tempo: 1/4 = 120
voices: right, left
`;

/** The score of bars of the right hand under a header for 4/4, or under `header` in its place. */
const right = (music: string, header = HEADER) => parseNotation(`${header}\nright: ${music}\n`);

/** [pitch, start, length] of one bar's notes, times as fractions in words. */
const notesOf = (score: Score, bar = 0, voice = 0) =>
  score.sections[0].bars[bar].voices[voice].map(({ pitch, start, length }) => [
    pitch,
    `${start.n}/${start.d}`,
    `${length.n}/${length.d}`,
  ]);

const pitchesOf = (score: Score, bar = 0) => score.sections[0].bars[bar].voices[0].map(({ pitch }) => pitch);

/** The error that a text gives; fails when it gives none. */
function errorOf(text: string): NotationError {
  try {
    parseNotation(text);
  } catch (thrown) {
    if (thrown instanceof NotationError) return thrown;
    throw thrown;
  }
  throw new Error(`no error for:\n${text}`);
}

describe('notes', () => {
  it('c4 is middle C, and letters, accidentals and octaves name the 128 keys', () => {
    expect(pitchesOf(right('c4:4 a b c5'))).toEqual([60, 69, 71, 72]);
    expect(pitchesOf(right('f#4:4 bb c## ebb'))).toEqual([66, 70, 62, 62]);
    expect(pitchesOf(right('b3:8 b# cb4 b bb bbb b# g9'))).toEqual([59, 60, 59, 71, 70, 69, 72, 127]);
  });

  it('keep octave and length within a bar', () => {
    expect(notesOf(right('c5:8 d e4:4 f r:8 g'))).toEqual([
      [72, '0/1', '1/8'],
      [74, '1/8', '1/8'],
      [64, '1/4', '1/4'],
      [65, '1/2', '1/4'],
      [67, '7/8', '1/8'],
    ]);
  });

  it('are lengthened by dots', () => {
    expect(notesOf(right('c4:4. d:8 e:4.. f:16')).map(([, , length]) => length)).toEqual([
      '3/8',
      '1/8',
      '7/16',
      '1/16',
    ]);
  });

  it('in a chord start together, and the chord leaves the octave of its first note', () => {
    expect(notesOf(right('[g3 b d4]:2 [g b d4]:4 a'))).toEqual([
      [55, '0/1', '1/2'],
      [59, '0/1', '1/2'],
      [62, '0/1', '1/2'],
      [55, '1/2', '1/4'],
      [59, '1/2', '1/4'],
      [62, '1/2', '1/4'],
      [57, '3/4', '1/4'],
    ]);
  });

  it('in a tuplet share the time, also when tuplets are nested', () => {
    expect(notesOf(right('3:2(c4:8 d e) f:2.'))).toEqual([
      [60, '0/1', '1/12'],
      [62, '1/12', '1/12'],
      [64, '1/6', '1/12'],
      [65, '1/4', '3/4'],
    ]);
    expect(notesOf(right('3:2(c4:4 3:2(d:8 e f) g:4) a:2')).map(([, , length]) => length)).toEqual([
      '1/6',
      '1/18',
      '1/18',
      '1/18',
      '1/6',
      '1/2',
    ]);
  });

  it('in a repetition come as often as it says, the carried octave beginning anew each time', () => {
    expect(pitchesOf(right('2x(c4:8 g c5 e)'))).toEqual([60, 67, 72, 76, 60, 67, 72, 76]);
    expect(pitchesOf(right('2x(2x(c4:16 d) e:4)'))).toEqual([60, 62, 60, 62, 64, 60, 62, 60, 62, 64]);
  });
});

describe('bars', () => {
  it('may be silent, the same again, or of a declared length', () => {
    const score = right('@1/8 g4:8 | c4:1 | % | R | @1/2 R | @6/8 c4:2.');
    expect(score.sections[0].bars.map(({ length }) => `${length.n}/${length.d}`)).toEqual([
      '1/8',
      '1/1',
      '1/1',
      '1/1',
      '1/2',
      '3/4',
    ]);
    expect(pitchesOf(score, 2)).toEqual([60]);
    expect(pitchesOf(score, 3)).toEqual([]);
  });

  it('may stand between bar lines at both ends', () => {
    expect(right('| c4:1 | d4:1 |').sections[0].bars).toHaveLength(2);
    expect(right('c4:1 | d4:1').sections[0].bars).toHaveLength(2);
  });

  it('of the voices of a system sound together; a voice that is left out is silent', () => {
    const score = parseNotation(`${HEADER}
right: c5:1 | d5:1 |
# between two staves
left:  c3:1 | d3:1 |

left:  e3:1 |  # alone
`);
    expect(score.sections[0].bars.map(({ voices }) => voices.map((notes) => notes.map(({ pitch }) => pitch)))).toEqual([
      [[72], [48]],
      [[74], [50]],
      [[], [52]],
    ]);
  });
});

describe('the header', () => {
  it('is read in any order, with what is left out filled in', () => {
    const { header } = parseNotation(`voices: soprano, alto 50
tempo: 3/8 = 60
key: Eb minor
composer: Somebody
meter: 6/8
velocity: 70
title: Étude: No. 1 # in E flat
licence: public domain

soprano: c4:2.
`);
    expect(header).toEqual({
      title: 'Étude: No. 1 # in E flat',
      composer: 'Somebody',
      lived: undefined,
      year: undefined,
      licence: 'public domain',
      source: undefined,
      key: { name: 'Eb minor', fifths: -6, minor: true },
      meter: { beats: 6, unit: 8 },
      tempo: 90,
      instrument: 0,
      voices: [
        { name: 'soprano', velocity: 70 },
        { name: 'alto', velocity: 50 },
      ],
      accent: 0,
    });
  });

  it.each([
    ['C major', 0],
    ['G major', 1],
    ['Cb major', -7],
    ['C# major', 7],
    ['A minor', 0],
    ['D# minor', 6],
    ['Bb minor', -5],
  ])('knows that %s has %i sharps', (key, fifths) => {
    expect(right('c4:1', `${HEADER}key: ${key}\n`).header.key?.fifths).toBe(fifths);
  });
});

describe('sections', () => {
  const text = (play: string) => `${HEADER}${play}\nsection A\nright: c4:1\n\nsection B\nright: d4:1\n`;

  it('sound in the order of play, each once when nothing is said', () => {
    expect(parseNotation(text('play: A B A')).order).toEqual([0, 1, 0]);
    expect(parseNotation(text('')).order).toEqual([0, 1]);
  });

  it.each([
    ['play: A C B', 'there is no section "C" to play'],
    ['play: A A', 'section "B" is never played'],
  ])('%s is a mistake: %s', (play, message) => {
    expect(errorOf(text(play)).message).toContain(message);
    expect(errorOf(text(play)).line).toBe(7);
  });
});

describe('a mistake in the music', () => {
  /** Line 8 of the text is the voice line; its music begins at column 8. */
  it.each([
    ['c4:4 d e h', 17, 'expected a note'],
    ['c4:4 d e', 8, 'bar 1 of "right" lasts 3/4 of a whole note, and the meter is 4/4'],
    ['c4:1 | c4:4 d e f g', 15, 'bar 2 of "right" lasts 5/4 of a whole note'],
    ['@1/4 c4:8', 8, 'declares @1/4 and lasts 1/8'],
    ['c:1', 8, 'the first note of a bar needs its octave, for instance c4'],
    ['c4', 8, 'the first length of a bar must be written'],
    ['r c4:1', 8, 'the first length of a bar must be written'],
    ['c4:1 | d', 15, 'the first note of a bar needs its octave'],
    ['c4:3 d e', 8, 'expected a length of :1, :2, :4'],
    ['c4:4 d4x', 15, 'expected a space, got "x"'],
    ['c4:1 | | d4:1', 15, 'an empty bar; write R'],
    ['', 8, 'an empty bar'],
    ['% | c4:1', 8, '"%" repeats the bar before it on the line, and there is none'],
    ['[c4 e', 8, 'a chord without its "]"'],
    ['[]:1', 8, 'a chord without notes'],
    ['[c4 c]:1', 12, 'this note is in the chord already'],
    ['[c4 r]:1', 12, 'expected a note'],
    ['3:2(c4:8 d e f:2.', 12, 'a group was opened here and not closed'],
    ['c4:1)', 12, '")" without a group to close'],
    ['0:2(c4:8)', 8, 'expected numbers from 1 to 999'],
    ['65x(c4:64)', 8, 'expected 2 to 64 times'],
    ['64x(64x(c4:64))', 8, 'more than 1024 notes in a bar'],
    ['g#9:1', 8, 'g#9 lies above g9'],
    ['[c4 a9]:1', 12, 'a9 lies above g9'],
    ['R r:4', 8, 'expected a note'],
  ])('%j is refused at column %i: %s', (music, column, message) => {
    const error = errorOf(`${HEADER}\nright: ${music}\n`);
    expect(error.message).toContain(message);
    expect([error.line, error.column]).toEqual([8, column]);
  });

  it('names the section, and says how to declare an upbeat', () => {
    const { message } = errorOf(`${HEADER}\nsection A\nright: c4:1 | d4:4 |\n`);
    expect(message).toBe(
      'line 9, column 15: bar 2 of "right" in section A lasts 1/4 of a whole note, and the meter is 4/4. ' +
        'If that is meant, as in an upbeat, declare it: @1/4 at the beginning of the bar.',
    );
  });

  it.each([
    ['right: c4:1 | d4:1\nleft: c3:1', 9, '"left" has 1 bar in this system, "right" has 2'],
    ['right: @1/4 c4:4\nleft: @1/8 c3:8', 9, 'lasts 1/8, the first voice of its system 1/4'],
    ['right: c4:1\nright: d4:1', 9, '"right" is in this system already; leave an empty line'],
    ['middle: c4:1', 8, 'expected a line of one of the voices (right, left)'],
    ['right c4:1', 8, 'expected a line of one of the voices'],
    ['right: c4:1\n\nkey: C major', 10, '"key:" belongs above the music'],
    ['section A\nright: c4:1\n\nsection A\nright: c4:1', 11, 'section A is there already'],
    ['section\nright: c4:1', 8, 'a section needs a name'],
    ['right: c4:1\n\nsection A\nright: c4:1', 10, 'there are bars before the first "section" line'],
    ['section A\nsection B\nright: c4:1', 8, 'section A has no bars'],
    ['section A\nright: c4:1\n\nsection B\n', 11, 'section B has no bars'],
    ['# nothing', 9, 'the text has no bars of music'],
  ])('%j is refused in line %i: %s', (music, line, message) => {
    const error = errorOf(`${HEADER}\n${music}\n`);
    expect(error.message).toContain(message);
    expect(error.line).toBe(line);
  });
});

describe('a mistake in the header', () => {
  const replaced = (line: string) => {
    const key = line.split(':')[0];
    const lines = HEADER.trimEnd().split('\n');
    const at = lines.findIndex((each) => each.startsWith(`${key}:`));
    if (at < 0) lines.push(line);
    else lines[at] = line;
    return { text: `${lines.join('\n')}\n\nright: c4:1\n`, line: at < 0 ? lines.length : at + 1 };
  };

  it.each([
    ['meter: 3', 8, 'expected a meter such as 3/4'],
    ['meter: 3/5', 8, 'expected a meter'],
    ['meter: 0/4', 8, 'expected a meter'],
    ['tempo: 120', 8, 'expected a tempo such as "1/4 = 96"'],
    ['tempo: 1/4 = 5', 8, 'expected a tempo'],
    ['tempo: 1/0 = 60', 8, 'expected a tempo'],
    ['key: H major', 6, 'expected a key such as "G major"'],
    ['key: G# major', 6, 'expected a key'],
    ['instrument: 128', 13, 'expected a whole number from 0 to 127'],
    ['velocity: loud', 11, 'expected a whole number from 1 to 127'],
    ['voices: Right', 9, 'expected voices such as "right, left"'],
    ['voices: right 200', 9, 'expected a velocity from 1 to 127, got 200'],
    ['voices: right, right', 9, 'the voice "right" is declared twice'],
    ['voices: title', 9, 'a voice cannot be called "title"'],
    ['title:', 7, '"title:" says nothing'],
  ])('%j is refused at column %i: %s', (line, column, message) => {
    const wrong = replaced(line);
    const error = errorOf(wrong.text);
    expect(error.message).toContain(message);
    expect([error.line, error.column]).toEqual([wrong.line, column]);
  });

  it('says what is missing, at the first line that is not of the header', () => {
    const error = errorOf(HEADER.replace('meter:', 'metre:'));
    expect(error.message).toContain('the header lacks "meter:", "tempo:", "voices:"');
    expect(error.line).toBe(4);
    expect(errorOf('').message).toContain('the header lacks "title:"');
  });

  it('refuses a line that comes twice', () => {
    const error = errorOf(`${HEADER}title: Again\n\nright: c4:1`);
    expect(error.message).toBe('line 7, column 1: "title:" is said twice.');
  });
});

describe('parseNotation', () => {
  it('answers any text with a score or a NotationError', () => {
    const token = fc.constantFrom(
      ...[
        'c4:4',
        'd',
        'r',
        '[c4 e]:2',
        '~',
        '|',
        '%',
        'R',
        '@1/4',
        '3:2(',
        '2x(',
        ')',
        ']',
        '[',
        ' ',
        '\n',
        '#',
        ':8.',
        'left:',
      ],
    );
    const text = fc.array(fc.oneof({ weight: 8, arbitrary: token }, fc.string({ maxLength: 3 })), { maxLength: 30 });
    fc.assert(
      fc.property(text, fc.boolean(), (parts, spaced) => {
        try {
          right(parts.join(spaced ? ' ' : ''));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(NotationError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads line ends of every kind', () => {
    const text = `${HEADER}\nright: c4:1 | d4:1 |\nleft: c3:1 | d3:1 |\n`;
    expect(parseNotation(text.replaceAll('\n', '\r\n'))).toEqual(parseNotation(text));
  });
});
