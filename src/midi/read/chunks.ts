import { findId, MTRK, u32 } from './bytes.ts';
import { isChunkName } from './header.ts';
import { type ProblemList } from './problems.ts';
import type { TrackSpan } from './walk.ts';
import { counted } from '../../text/words.ts';

/** A track chunk, from its name on. */
export interface TrackChunk extends TrackSpan {
  /** What the length of the chunk turned out to be, beside what it states. */
  length: 'right' | 'past-end-of-file' | 'too-long' | 'doubtful';
}

/**
 * The next MTrk chunk at or after `pos`; undefined if there is none. Chunks of other names are skipped by their length;
 * what is no chunk at all is skipped up to the next "MTrk".
 * @param isLast whether this is the last track that the header declares
 */
export function nextTrack(
  bytes: Uint8Array,
  pos: number,
  end: number,
  isLast: boolean,
  problems: ProblemList,
): TrackChunk | undefined {
  while (pos + 8 <= end) {
    if (u32(bytes, pos) === MTRK) return trackAt(bytes, pos, end, isLast);
    if (isChunk(bytes, pos, end)) {
      const name = String.fromCharCode(...bytes.subarray(pos, pos + 4));
      problems.add('unknown-chunk', `A chunk "${name}" at byte ${pos}, which is no track, was skipped.`);
      pos += 8 + u32(bytes, pos + 4);
      continue;
    }
    const found = findId(bytes, MTRK, pos + 1, end);
    if (found === -1) return undefined;
    problems.add(
      'junk-between-chunks',
      `At byte ${pos}, ${counted(found - pos, 'byte that belongs', 'bytes that belong')} to no chunk; skipped.`,
    );
    pos = found;
  }
  return undefined;
}

/** Whether a chunk of another kind begins at `pos`: a printable name, and a length that leads to a chunk or to the end. */
function isChunk(bytes: Uint8Array, pos: number, end: number): boolean {
  if (pos + 8 > end || !isChunkName(bytes, pos)) return false;
  const next = pos + 8 + u32(bytes, pos + 4);
  return next === end || (next + 8 <= end && isChunkName(bytes, next));
}

/** Weighs the stated length of the track at `pos` against what stands at its end. */
function trackAt(bytes: Uint8Array, pos: number, end: number, isLast: boolean): TrackChunk {
  const start = pos + 8;
  const stated = start + u32(bytes, pos + 4);
  if (stated === end || (stated + 8 <= end && u32(bytes, stated) === MTRK)) {
    return { start, stated, hardEnd: stated, statedIsTrusted: true, length: 'right' };
  }
  // pretty_midi reads the last track by its length alone, whatever follows it.
  const byLengthAlone = isLast && stated < end;
  if (!byLengthAlone) {
    // Begins before the stated end, and may reach past it.
    const inside = findTrackAfterEnd(bytes, start, Math.min(stated + 3, end));
    if (inside !== -1) return { start, stated, hardEnd: inside, statedIsTrusted: false, length: 'too-long' };
    if (stated > end) return { start, stated, hardEnd: end, statedIsTrusted: false, length: 'past-end-of-file' };
    if (isChunk(bytes, stated, end)) return { start, stated, hardEnd: stated, statedIsTrusted: true, length: 'right' };
  }
  const next = findId(bytes, MTRK, stated, end);
  return { start, stated, hardEnd: next === -1 ? end : next, statedIsTrusted: byLengthAlone, length: 'doubtful' };
}

/** The first "MTrk" that directly follows an End-of-Track; -1 if there is none before `end`. */
function findTrackAfterEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = findId(bytes, MTRK, start + 3, end); at !== -1; at = findId(bytes, MTRK, at + 1, end)) {
    if (bytes[at - 3] === 0xff && bytes[at - 2] === 0x2f && bytes[at - 1] === 0x00) return at;
  }
  return -1;
}
