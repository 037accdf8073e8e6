import { DATA, findId, MTHD, RIFF, RMID, u32, u32le } from './bytes.ts';
import { MidiError } from './midi-error.ts';
import { type ProblemList } from './problems.ts';
import { counted } from '../../text/words.ts';

/** How many bytes of something else may stand before the header. */
const MAX_JUNK = 4096;

/** Where the MIDI file proper lies in the bytes: from its MThd to its end. */
export interface Extent {
  start: number;
  end: number;
}

/**
 * Finds the MThd chunk: at the start, inside a RIFF/RMID wrapping, or after up to 4 KB of something else (a MacBinary
 * header, a mail header).
 * @throws MidiError `too-short`, `not-midi`
 */
export function findMidi(bytes: Uint8Array, problems: ProblemList): Extent {
  if (bytes.length === 0) {
    throw new MidiError('too-short', 'Expected a MIDI file, found 0 bytes. Fetch the file again: it is empty.');
  }
  const extent = findHeader(bytes, problems);
  if (extent === undefined) {
    throw new MidiError(
      'not-midi',
      `Expected a MIDI file, which begins with "MThd"; ${describe(bytes)}. Give a Standard MIDI File (.mid, .midi, .smf, .rmi).`,
    );
  }
  if (extent.end - extent.start < 14) {
    throw new MidiError(
      'too-short',
      `A MIDI file has a header of 14 bytes; this one ends after ${extent.end - extent.start}. Fetch the file again: it is cut off.`,
    );
  }
  return extent;
}

function findHeader(bytes: Uint8Array, problems: ProblemList): Extent | undefined {
  if (idAt(bytes, 0) === MTHD) return { start: 0, end: bytes.length };
  if (idAt(bytes, 0) === RIFF && idAt(bytes, 8) === RMID) {
    const extent = findInRiff(bytes);
    if (extent !== undefined) {
      problems.add('riff', 'The file is wrapped in RIFF (an .rmi file); the MIDI file inside was read.');
      return extent;
    }
  }
  const start = findId(bytes, MTHD, 0, Math.min(bytes.length, MAX_JUNK + 4));
  if (start === -1) return undefined;
  problems.add('junk-before-header', `${counted(start, 'byte')} before the MIDI header; skipped.`);
  return { start, end: bytes.length };
}

/** Walks the chunks of a RIFF file (little-endian lengths, padded to even) to its `data`, which holds the MIDI file. */
function findInRiff(bytes: Uint8Array): Extent | undefined {
  for (let pos = 12; pos + 12 <= bytes.length;) {
    const length = u32le(bytes, pos + 4);
    const start = pos + 8;
    if (u32(bytes, pos) === DATA && u32(bytes, start) === MTHD) {
      // A writer that could not go back leaves 0 or the largest number here; then the MIDI file ends with the file.
      const end = length >= 14 && start + length <= bytes.length ? start + length : bytes.length;
      return { start, end };
    }
    pos = start + length + (length & 1);
  }
  return undefined;
}

function idAt(bytes: Uint8Array, pos: number): number {
  return pos + 4 <= bytes.length ? u32(bytes, pos) : -1;
}

/** What a file that is no MIDI file looks like, by its first bytes; for the sentence that refuses it. */
function describe(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const text = head.trimStart().toLowerCase();
  const starts = (...prefixes: string[]) => prefixes.some((prefix) => head.startsWith(prefix));
  if (starts('version https://git-lfs')) return 'this is a Git LFS pointer, not the file itself: run "git lfs pull"';
  if (starts('fLaC', 'OggS', 'ID3', 'ÿû', 'ÿó') || (starts('RIFF') && head.slice(8, 12) === 'WAVE')) {
    return 'this is an audio recording, not notes';
  }
  if (starts('RIFF')) return 'this is a RIFF file with no MIDI file in it';
  if (starts('PK\u0003\u0004')) return 'this is a ZIP archive (or compressed MusicXML): unpack it first';
  if (starts('\u001f\u008b')) return 'this is a gzip archive: unpack it first';
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) {
    return 'this is a web page, perhaps the error page of a download';
  }
  if (text.startsWith('<?xml') || text.startsWith('<score-'))
    return 'this is XML, perhaps MusicXML: export it as MIDI first';
  const first = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `this one of ${counted(bytes.length, 'byte')} begins with ${first}`;
}
