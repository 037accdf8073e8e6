import { DataError, UsageError } from '../errors.ts';
import { programName, programsNamed } from './general-midi.ts';
import { mergeInstruments } from './merge-instruments.ts';
import type { Instrument, MidiFile } from './types.ts';
import { counted } from '../text/words.ts';

/** Whose notes to take from a file. */
export type InstrumentChoice =
  /** The first instrument, as TensorFlow's tutorial takes it; drums only if there is nothing else. */
  | { by: 'first' }
  /** All that are no drum kits, as one: see `mergeInstruments`. */
  | { by: 'all' }
  /** By place in the file's list, counted from 0. */
  | { by: 'index'; index: number }
  /** The first (drums aside) with this program: 0 to 127, or a General MIDI name or a part of one. */
  | { by: 'program'; program: number | string }
  /** The first whose track name has this text in it, whatever the case. */
  | { by: 'name'; name: string }
  /** The first drum kit. */
  | { by: 'drums' };

/** The file does not have the instrument that was asked for; the message lists what it has. */
export class InstrumentNotFoundError extends DataError {
  override name = 'InstrumentNotFoundError';
}

const FORMS = 'first, all, drums, 2 or index:2 (counted from 0), program:40, program:violin, name:left hand';

/** No longer list than this in an error. */
const MAX_LISTED = 20;

/**
 * The instrument of a file that a choice means; `all` makes one of several.
 * @default choice the first instrument that is no drum kit
 * @throws InstrumentNotFoundError when the file has none such; the message lists those it has
 * @throws UsageError when the choice can never mean one: an index of -1, program 128, an empty name
 */
export function chooseInstrument(
  file: Pick<MidiFile, 'instruments'>,
  choice: InstrumentChoice = { by: 'first' },
): Instrument {
  const { instruments } = file;
  const found = find(instruments, choice);
  if (found !== undefined) return found;
  if (instruments.length === 0) {
    throw new InstrumentNotFoundError('The file has no notes, so no instrument can be chosen. Leave the file out.');
  }
  throw new InstrumentNotFoundError(
    `The file has no ${choice.by === 'all' ? 'pitched instrument' : `instrument ${formatInstrumentChoice(choice)}`}. It has ${listed(instruments)}. Choose one of them.`,
  );
}

function find(instruments: Instrument[], choice: InstrumentChoice): Instrument | undefined {
  switch (choice.by) {
    case 'first':
      return instruments.find(({ isDrum }) => !isDrum) ?? instruments[0];
    case 'all':
      return mergeInstruments(instruments.filter(({ isDrum }) => !isDrum));
    case 'index':
      return instruments[checkedIndex(choice.index)];
    case 'program': {
      const programs = checkedPrograms(choice.program);
      return instruments.find(({ program, isDrum }) => !isDrum && programs.includes(program));
    }
    case 'name': {
      const wanted = checkedName(choice.name).toLowerCase();
      return instruments.find(({ name }) => name.toLowerCase().includes(wanted));
    }
    case 'drums':
      return instruments.find(({ isDrum }) => isDrum);
    default:
      throw new UsageError(
        `Expected an instrument by first, all, index, program, name or drums; got ${JSON.stringify(choice)}.`,
      );
  }
}

/**
 * Reads an instrument choice as the command line spells it: `first`, `all`, `drums`, `2` or `index:2`, `program:40`,
 * `program:violin`, `name:left hand`. The words before the colon may be in any case.
 * @throws UsageError for anything else
 */
export function parseInstrumentChoice(text: string): InstrumentChoice {
  const trimmed = text.trim();
  const word = trimmed.toLowerCase();
  if (word === 'first' || word === 'all' || word === 'drums') return { by: word };
  if (/^\d+$/.test(word)) return { by: 'index', index: checkedIndex(Number(word)) };
  const colon = trimmed.indexOf(':');
  const value = trimmed.slice(colon + 1).trim();
  switch (colon === -1 ? '' : word.slice(0, colon).trim()) {
    case 'index':
      return { by: 'index', index: checkedIndex(/^\d+$/.test(value) ? Number(value) : value) };
    case 'program': {
      const program = /^[-+]?\d+$/.test(value) ? Number(value) : value;
      checkedPrograms(program);
      return { by: 'program', program };
    }
    case 'name':
      return { by: 'name', name: checkedName(value) };
    default:
      throw new UsageError(`Expected an instrument as ${FORMS}; got ${quoted(text)}.`);
  }
}

/** The spelling that {@link parseInstrumentChoice} reads back. */
export function formatInstrumentChoice(choice: InstrumentChoice): string {
  switch (choice.by) {
    case 'index':
      return `index:${choice.index}`;
    case 'program':
      return `program:${choice.program}`;
    case 'name':
      return `name:${choice.name}`;
    default:
      return choice.by;
  }
}

/** An instrument in a few words, safe to print: `Violin (program 40), "Solo", 312 notes`. */
export function describeInstrument({ program, isDrum, name, notes }: Instrument): string {
  const kind = isDrum ? `drums (program ${program})` : `${programName(program)} (program ${program})`;
  const track = name === '' ? '' : `, ${quoted(name)}`;
  return `${kind}${track}, ${counted(notes.length, 'note')}`;
}

function listed(instruments: Instrument[]): string {
  const shown = instruments.slice(0, MAX_LISTED).map((instrument, i) => `${i}: ${describeInstrument(instrument)}`);
  const more = instruments.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function checkedIndex(index: number | string): number {
  if (typeof index === 'number' && Number.isSafeInteger(index) && index >= 0) return index;
  throw new UsageError(`Expected the index of an instrument, counted from 0; got ${quoted(String(index))}.`);
}

function checkedPrograms(program: number | string): number[] {
  if (typeof program === 'string') {
    const programs = programsNamed(program);
    if (programs.length > 0) return programs;
    throw new UsageError(
      `No General MIDI program has ${quoted(program)} in its name. Give a number from 0 to 127, a name such as violin, or choose by track name (name:…).`,
    );
  }
  if (Number.isInteger(program) && program >= 0 && program <= 127) return [program];
  throw new UsageError(`Programs are counted from 0 to 127; got ${program}.`);
}

function checkedName(name: string): string {
  if (name.trim() !== '') return name.trim();
  throw new UsageError('Expected a part of a track name after "name:"; got nothing. Any track is "first".');
}

/** In quotes, with control characters spelt out: a track name is the file's, and must not command a terminal. */
function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}
