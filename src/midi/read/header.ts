import { findId, MTRK, u16, u32 } from './bytes.ts';
import type { Extent } from './container.ts';
import { MidiError } from './midi-error.ts';
import { type ProblemList } from './problems.ts';
import { counted } from '../../text/words.ts';

/** The MThd chunk. */
export interface Header {
  format: 0 | 1 | 2;
  /** How many tracks the file says it has. */
  declaredTracks: number;
  /** The two division bytes: ticks a quarter note, or SMPTE with the highest bit set. Never 0. */
  division: number;
  /** Where the first chunk after the header begins. */
  bodyStart: number;
}

/**
 * Reads the header at `extent.start` (at least 14 bytes, see findMidi).
 * @throws MidiError `bad-header`, `bad-division`, `no-tracks`
 */
export function readHeader(bytes: Uint8Array, extent: Extent, problems: ProblemList): Header {
  const { start } = extent;
  const bodyStart = findBody(bytes, extent, problems);
  const stated = u16(bytes, start + 8);
  if (stated > 2) {
    problems.add('unknown-format', `The header states format ${stated}; there are 0, 1 and 2. Read as format 1.`);
  }
  const format = stated === 0 || stated === 2 ? stated : 1;
  if (format === 2) {
    problems.add('format-2', 'The tracks are independent patterns (format 2); they were laid in parallel.');
  }
  const declaredTracks = u16(bytes, start + 10);
  if (declaredTracks === 0) {
    throw new MidiError(
      'no-tracks',
      'The header declares 0 tracks. Save the file again from the program that made it.',
    );
  }
  return { format, declaredTracks, division: readDivision(bytes, start, problems), bodyStart };
}

/** Where the chunks begin: after the stated length, or after the usual six bytes where that leads nowhere. */
function findBody(bytes: Uint8Array, { start, end }: Extent, problems: ProblemList): number {
  const length = u32(bytes, start + 4);
  const stated = start + 8 + length;
  if (length >= 6 && (stated === end || (stated + 8 <= end && isChunkName(bytes, stated)))) return stated;
  const track = findId(bytes, MTRK, start + 8, end);
  if (track !== -1 && track < start + 14) {
    throw new MidiError(
      'bad-header',
      `The header has ${track - start - 8} of its 6 bytes, so the time base is lost. Fetch the file again: bytes are missing.`,
    );
  }
  if (length >= 6 && stated <= end && (track === -1 || track >= stated)) return stated;
  problems.add(
    'header-length',
    `The header states a length of ${counted(length, 'byte')}, which leads to no chunk; 6 were read.`,
  );
  return start + 14;
}

/** Four printable ASCII characters: what every known chunk name is made of. */
export function isChunkName(bytes: Uint8Array, pos: number): boolean {
  for (let i = pos; i < pos + 4; i++) if (bytes[i] < 0x20 || bytes[i] > 0x7e) return false;
  return true;
}

function readDivision(bytes: Uint8Array, start: number, problems: ProblemList): number {
  const division = u16(bytes, start + 12);
  if (division === 0) {
    throw new MidiError(
      'bad-division',
      'The header states 0 ticks a quarter note, so no time can be told. Save the file again from the program that made it.',
    );
  }
  if (division < 0x8000) return division;
  const rate = 256 - (division >> 8);
  const ticks = division & 0xff;
  if (ticks === 0) {
    throw new MidiError(
      'bad-division',
      `The header states 0 ticks a frame at ${rate} frames a second, so no time can be told. Save the file again from the program that made it.`,
    );
  }
  problems.add(
    'smpte-time',
    `Times are in SMPTE frames (${rate} a second, ${ticks} ticks each); tempo does not apply.`,
  );
  if (![24, 25, 29, 30].includes(rate)) {
    problems.add(
      'smpte-rate',
      `SMPTE has 24, 25, 29.97 and 30 frames a second; the header states ${rate}, which was used.`,
    );
  }
  return division;
}
