import { add, fraction, multiply, ZERO, type Fraction } from './fraction.ts';
import { NotationError, type Place } from './notation-error.ts';
import type { WrittenNote } from './score.ts';

/** A bar of one voice as written: its notes, how long they are together, and the length it declares with `@`. */
export interface WrittenBar extends Place {
  notes: WrittenNote[];
  length: Fraction;
  declared?: Fraction;
}

/** What the bar's text can leave out because it was said before: a bar begins with nothing said. */
interface Reading extends Place {
  text: string;
  at: number;
  octave?: number;
  length?: Fraction;
}

/** Notes one after the other from 0 on. */
interface Passage {
  notes: WrittenNote[];
  length: Fraction;
}

const PITCH_CLASS: Record<string, number> = { c: 0, d: 2, e: 4, f: 5, g: 7, a: 9, b: 11 };
const ACCIDENTAL: Record<string, number> = { '': 0, '#': 1, '##': 2, b: -1, bb: -2 };
const LENGTH = /:(\d+)(\.{0,2})/y;
const NOTE = /([a-g])(##|#|bb|b|)(\d?)/y;
const REST = /r(?![a-z])/y;
const TUPLET = /(\d+):(\d+)\(/y;
const REPEAT = /(\d+)x\(/y;
/** Far more than a bar of music; a bound for nested repetitions. */
const MOST_NOTES = 1024;
const DECLARED = /@(\d+)\/(\d+)(?=\s|$)/y;

/**
 * One bar of one voice: `@1/4 c4:8 d`, `[c4 e g]:2. r:4`, `3:2(c5:8 d e) 2x(c5:16 d)`, or the rest `R` of a whole bar.
 *
 * @param text the bar without its bar lines
 * @param place of the text's first character
 * @param full the meter's length, which `R` takes where no other is declared
 * @throws NotationError at the first thing that is not in the notation
 */
export function parseBar(text: string, place: Place, full: Fraction): WrittenBar {
  const reading: Reading = { text, at: 0, ...place };
  skipSpaces(reading);
  const start = placeOf(reading);
  const match = take(reading, DECLARED);
  const declared = match ? positive(Number(match[1]), Number(match[2]), start) : undefined;
  skipSpaces(reading);
  if (/^R\s*$/.test(text.slice(reading.at))) return { notes: [], length: declared ?? full, declared, ...start };
  const passage = parsePassage(reading, false);
  if (passage.length.n === 0) throw new NotationError('an empty bar; write R for a bar of silence.', start);
  return { ...passage, declared, ...start };
}

/**
 * Notes one after the other without bars, the first in octave 4 and a quarter long unless it says otherwise.
 * @throws NotationError as {@link parseBar}, and where there is no note
 */
export function parseTyped(text: string): Passage {
  const place = { line: 1, column: 1 };
  const passage = parsePassage({ text, at: 0, octave: 4, length: fraction(1, 4), ...place }, false);
  if (passage.notes.length === 0) throw new NotationError('expected notes, for instance c4 e4 g4, got none.', place);
  return passage;
}

function parsePassage(reading: Reading, inGroup: boolean): Passage {
  let passage: Passage = { notes: [], length: ZERO };
  const opened = placeOf(reading);
  for (;;) {
    skipSpaces(reading);
    const next = reading.text[reading.at];
    if (next === undefined) {
      if (inGroup) throw new NotationError('a group was opened here and not closed in its bar with ")".', opened);
      return passage;
    }
    if (next === ')') {
      if (!inGroup) throw new NotationError('")" without a group to close.', placeOf(reading));
      reading.at++;
      return passage;
    }
    passage = joined(passage, parseElement(reading));
    const after = reading.text[reading.at];
    if (after !== undefined && !/[\s)]/.test(after)) throw unknown(reading, 'a space');
  }
}

function parseElement(reading: Reading): Passage {
  const place = placeOf(reading);
  const repeat = take(reading, REPEAT);
  if (repeat) {
    const times = Number(repeat[1]);
    if (times < 2 || times > 64) throw new NotationError(`expected 2 to 64 times, got ${times}.`, place);
    const once = parsePassage(reading, true);
    if (times * once.notes.length > MOST_NOTES) {
      throw new NotationError(`more than ${MOST_NOTES} notes in a bar: the repetitions multiply.`, place);
    }
    return Array.from({ length: times - 1 }).reduce<Passage>((all) => joined(all, once), once);
  }
  const tuplet = take(reading, TUPLET);
  if (tuplet) {
    const squeeze = positive(Number(tuplet[2]), Number(tuplet[1]), place);
    return stretched(parsePassage(reading, true), squeeze);
  }
  if (take(reading, REST)) return { notes: [], length: lengthOf(reading, place) };
  if (reading.text[reading.at] === '[') return parseChord(reading);
  const pitch = parsePitch(reading);
  const length = lengthOf(reading, place);
  return { notes: [{ pitch, start: ZERO, length, tied: takeTie(reading), ...place }], length };
}

/** `[c4 e~ g]:2~`: a tie on the chord is one on each of its notes. */
function parseChord(reading: Reading): Passage {
  const opened = placeOf(reading);
  reading.at++;
  const heads: (Place & { pitch: number; tied: boolean })[] = [];
  let octave: number | undefined;
  for (;;) {
    skipSpaces(reading);
    if (reading.text[reading.at] === ']') break;
    if (reading.at >= reading.text.length) throw new NotationError('a chord without its "]".', opened);
    const place = placeOf(reading);
    const pitch = parsePitch(reading);
    octave ??= reading.octave;
    if (heads.some((head) => head.pitch === pitch))
      throw new NotationError('this note is in the chord already.', place);
    heads.push({ pitch, tied: takeTie(reading), ...place });
    if (!/[\s\]]/.test(reading.text[reading.at] ?? ' ')) throw unknown(reading, 'a note or "]"');
  }
  reading.at++;
  if (heads.length === 0) throw new NotationError('a chord without notes; write r for a rest.', opened);
  // The chord's first note leaves its octave behind, so that the same chord can be written again in the same way.
  reading.octave = octave;
  const length = lengthOf(reading, opened);
  const tied = takeTie(reading);
  return { notes: heads.map((head) => ({ ...head, tied: head.tied || tied, start: ZERO, length })), length };
}

function parsePitch(reading: Reading): number {
  const place = placeOf(reading);
  const match = take(reading, NOTE);
  if (!match) throw unknown(reading, 'a note, a rest "r", a chord "[", a tuplet "3:2(" or a repetition "2x("');
  const [, letter, accidental, octave] = match;
  if (octave !== '') reading.octave = Number(octave);
  if (reading.octave === undefined) {
    throw new NotationError(`the first note of a bar needs its octave, for instance ${letter}${accidental}4.`, place);
  }
  const pitch = 12 * (reading.octave + 1) + PITCH_CLASS[letter] + ACCIDENTAL[accidental];
  if (pitch > 127) throw new NotationError(`${match[0]} lies above g9, MIDI's highest key.`, place);
  return pitch;
}

function lengthOf(reading: Reading, place: Place): Fraction {
  const match = take(reading, LENGTH);
  if (match) {
    const unit = Number(match[1]);
    if (![1, 2, 4, 8, 16, 32, 64].includes(unit)) {
      throw new NotationError(`expected a length of :1, :2, :4, :8, :16, :32 or :64, got :${match[1]}.`, place);
    }
    // One dot makes 3/2 of it, two make 7/4.
    const dots = match[2].length;
    reading.length = fraction(2 ** (dots + 1) - 1, unit * 2 ** dots);
  }
  if (!reading.length) throw new NotationError('the first length of a bar must be written, for instance :4.', place);
  return reading.length;
}

function takeTie(reading: Reading): boolean {
  if (reading.text[reading.at] !== '~') return false;
  reading.at++;
  return true;
}

function joined(before: Passage, after: Passage): Passage {
  const moved = after.notes.map((note) => ({ ...note, start: add(before.length, note.start) }));
  return { notes: [...before.notes, ...moved], length: add(before.length, after.length) };
}

function stretched(passage: Passage, by: Fraction): Passage {
  const notes = passage.notes.map((note) => ({
    ...note,
    start: multiply(note.start, by),
    length: multiply(note.length, by),
  }));
  return { notes, length: multiply(passage.length, by) };
}

function positive(n: number, d: number, place: Place): Fraction {
  if (n < 1 || d < 1 || n > 999 || d > 999)
    throw new NotationError(`expected numbers from 1 to 999, got ${n} and ${d}.`, place);
  return fraction(n, d);
}

function take(reading: Reading, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reading.at;
  const match = pattern.exec(reading.text);
  if (match) reading.at += match[0].length;
  return match;
}

function skipSpaces(reading: Reading): void {
  while (/\s/.test(reading.text[reading.at] ?? '')) reading.at++;
}

function placeOf(reading: Reading): Place {
  return { line: reading.line, column: reading.column + reading.at };
}

function unknown(reading: Reading, expected: string): NotationError {
  const found = /^\S+/.exec(reading.text.slice(reading.at))?.[0];
  return new NotationError(
    `expected ${expected}, got ${found ? `"${found}"` : 'the end of the bar'}.`,
    placeOf(reading),
  );
}
