import { UsageError } from '../../errors.ts';
import type { MidiFile } from '../types.ts';
import { AUTO, checkedCharset, decodeLatin1, decodeName } from './charset.ts';
import { guard } from './guard.ts';
import { checkedLimits, tooLarge, type ReadLimits } from './limits.ts';
import { ProblemList } from './problems.ts';
import type { Compat } from './reading.ts';
import { repair } from './repair.ts';

/** How a MIDI file is read. */
export interface ReadOptions extends ReadLimits {
  /**
   * `pretty_midi` reads the notes that pretty_midi reads, bit for bit: where tracks concern each other it hears otherwise
   * than players do (docs/midi.md has the list).
   * @default what a player plays; each departure from pretty_midi is a note in `problems`
   */
  compat?: Compat;
  /**
   * The charset of track names, as the WHATWG Encoding Standard names it: `utf-8`, `shift_jis`, `windows-1251`.
   * @default auto: UTF-16, UTF-8, Shift-JIS or Latin-1, by what a name's bytes can be; Latin-1 under pretty_midi's reading
   */
  charset?: string;
}

/**
 * Reads a Standard MIDI File: the notes of pretty_midi in the same order with the same seconds, bit for bit, but for what
 * pretty_midi drops or mistimes and every player plays (`compat` decides). Where pretty_midi refuses a damaged file, this
 * reads what can be read, and lists what it found and did in `problems`.
 *
 * @param bytes the file; left alone
 * @throws MidiError where nothing can be read; its `code` says why
 * @throws UsageError for something else than bytes
 */
export function readMidi(bytes: Uint8Array, options: ReadOptions = {}): MidiFile {
  if (!(bytes instanceof Uint8Array)) {
    throw new UsageError('readMidi expects a Uint8Array (a Buffer is one); wrap an ArrayBuffer in new Uint8Array(…).');
  }
  const limits = checkedLimits(options);
  const compat = checkedCompat(options);
  const decode = nameDecoder(compat, options.charset);
  if (bytes.length > limits.maxBytes) throw tooLarge(bytes.length, limits.maxBytes);
  const problems = new ProblemList();
  const guarded = guard(bytes, { compat, maxNotes: limits.maxNotes }, problems);
  return repair(
    guarded,
    { compat, nameOf: nameReader(bytes, guarded.names, decode), maxHours: limits.maxHours },
    problems,
  );
}

/** Gives the text of a track name by its number, and remembers the last: many instruments may have one long name. */
function nameReader(
  bytes: Uint8Array,
  places: readonly number[],
  decode: (name: Uint8Array) => string,
): (number: number) => string {
  let last: { number: number; text: string } | undefined;
  return (number) => {
    if (last?.number !== number) {
      const text = decode(bytes.subarray(places[2 * number], places[2 * number + 1]));
      last = { number, text };
    }
    return last!.text;
  };
}

/** @throws UsageError for a charset that nobody knows */
function nameDecoder(compat: Compat, charset: string | undefined): (name: Uint8Array) => string {
  if (charset === undefined && compat === 'pretty_midi') return decodeLatin1;
  const known = checkedCharset(charset ?? AUTO);
  return (name) => decodeName(name, known);
}

/** `compat` of the options, where it is a word that is known. */
function checkedCompat({ compat }: ReadOptions): Compat {
  if (compat === undefined || compat === 'pretty_midi') return compat;
  throw new UsageError(`compat: expected "pretty_midi" or nothing, got ${JSON.stringify(compat)}.`);
}
