import { findId, MTRK } from './bytes.ts';
import { CanonicalWriter } from './canonical.ts';
import { nextTrack, type TrackChunk } from './chunks.ts';
import { findMidi } from './container.ts';
import type { GuardedMidi } from './guarded-midi.ts';
import { readHeader, type Header } from './header.ts';
import { tooManyNotes } from './limits.ts';
import { lineEndsConverted } from './line-ends.ts';
import { MidiError } from './midi-error.ts';
import { PedalLog } from './pedal-log.ts';
import { type ProblemCode, type ProblemList } from './problems.ts';
import { tracksBelongTogether, type Compat } from './reading.ts';
import { TICK_LIMIT, walkTrack, type TrackLog } from './walk.ts';
import { counted } from '../../text/words.ts';

/** As many as a header can declare. */
const MAX_TRACKS = 65_535;

/** What the guard lets pass. */
export interface GuardOptions {
  /** Under pretty_midi's reading no more tracks are read than the header declares, and no tick from 10,000,000 on. */
  compat: Compat;
  /** How many notes may be struck. */
  maxNotes: number;
}

/**
 * Stands between the world and midi-parser-js, which reads past ends, loops on long lengths, skips what follows an
 * unknown meta event and ignores stated lengths. Walks the file with strict bounds, keeps what can be decoded of each
 * track, and writes it anew in one canonical spelling.
 *
 * @param bytes the file; left alone
 * @param problems gets what was found and done
 * @throws MidiError where there is nothing to read: `too-short`, `not-midi`, `bad-header`, `bad-division`, `no-tracks`,
 * `tick-too-large`, `too-many-notes`
 */
export function guard(bytes: Uint8Array, { compat, maxNotes }: GuardOptions, problems: ProblemList): GuardedMidi {
  const extent = findMidi(bytes, problems);
  const header = readHeader(bytes, extent, problems);
  const out = new CanonicalWriter(extent.end - extent.start, header.division);
  const pedals = new PedalLog();
  let pos = header.bodyStart;
  let tracks = 0;
  let missing = 0;
  let notes = 0;
  const allTempos = tracksBelongTogether(header.format, compat);
  while (tracks < header.declaredTracks || (compat === undefined && tracks < MAX_TRACKS)) {
    const isLast = tracks + 1 >= header.declaredTracks;
    if (tracks >= header.declaredTracks && findId(bytes, MTRK, pos, extent.end) === -1) break;
    const chunk = nextTrack(bytes, pos, extent.end, isLast, problems);
    if (chunk === undefined) break;
    tracks++;
    const log = walkTrack(bytes, chunk, out, compat === undefined ? Infinity : TICK_LIMIT, pedals);
    notes += log.notes;
    const place: Place = { track: tracks, chunk, log, fileEnd: extent.end, problems };
    reportEvents(place);
    reportTempos(place, allTempos || tracks === 1);
    if (chunk.length === 'too-long' || chunk.length === 'past-end-of-file') missing += chunk.stated - chunk.hardEnd;
    pos = reportLength(place);
  }
  if (notes > maxNotes) throw tooManyNotes(notes, maxNotes);
  reportTracks(bytes, header, tracks, pos, extent.end, problems);
  if (lineEndsConverted(bytes.subarray(extent.start, extent.end), missing)) {
    problems.add(
      'line-ends-converted',
      `${counted(missing, 'byte')} missing, and no CR LF anywhere: a tool (git, or a transfer in text mode) took the file for text. Some times and notes are wrong; fetch the file anew as binary.`,
    );
  }
  const { packets, bytes: canonical, names } = out;
  return { format: header.format, division: header.division, packets, bytes: canonical, names, pedals };
}

/** A track that was walked, for the reports on it. */
interface Place {
  /** Counted from 1, for people. */
  track: number;
  chunk: TrackChunk;
  log: TrackLog;
  fileEnd: number;
  problems: ProblemList;
}

/** Reports what is wrong with the events of a track. */
function reportEvents({ track, chunk, log, problems }: Place): void {
  if (log.undecodable !== undefined) {
    const rest = Math.min(chunk.stated, chunk.hardEnd) - log.end;
    const what = `Track ${track}: ${log.undecodable} at byte ${log.end}`;
    if (log.endOfTrack === 'last') {
      problems.add('junk-after-end', `${what}, after End-of-Track; nothing is lost.`);
    } else {
      const lost =
        rest > 0
          ? `the last ${rest === 1 ? 'byte of the track was' : `${rest} bytes of the track were`} left out`
          : 'the track was ended there';
      problems.add('undecodable-event', `${what}; ${lost}.`);
    }
  } else if (log.end === chunk.start) problems.add('empty-track', `Track ${track} is empty.`);
  else if (log.endOfTrack === 'none') problems.add('no-end-of-track', `Track ${track} has no End-of-Track.`);
  reportOddities(track, log, problems);
}

/** Reports what could be read and is not as it should be. */
function reportOddities(track: number, log: TrackLog, problems: ProblemList): void {
  const report = (code: ProblemCode, count: number, noun: string, rest: string) => {
    if (count > 0) problems.add(code, `Track ${track}: ${counted(count, noun)} ${rest}`);
  };
  const above = 'above 127, the largest allowed';
  report('padded-number', log.padded, 'number', 'padded to more than four bytes; read as the padding leaves it.');
  report(
    'huge-delta',
    log.hugeDeltas,
    'delta time',
    'of more than 28 bits, taken for 0; what follows may be too early.',
  );
  report('events-after-end', log.afterEnd, 'event', 'after End-of-Track; read as well.');
  report('clipped-notes', log.clippedNotes, 'data byte', `of notes or program changes ${above}; set to 127.`);
  report(
    'clipped-controllers',
    log.clippedOthers,
    'data byte',
    `of controllers and the like ${above}; no note depends on it.`,
  );
  report(
    'undefined-message',
    log.undefinedMessages,
    'message',
    'that MIDI leaves undefined (F4, F5, F9, FD); left out.',
  );
  report(
    'running-status',
    log.resumed,
    'use',
    'of running status after a system message; the last channel status was taken.',
  );
  report(
    'bad-time-signature',
    log.badMeters,
    'time signature',
    log.badMeters === 1 ? 'that names no meter; left out.' : 'that name no meter; left out.',
  );
  report(
    'bad-key-signature',
    log.badKeys,
    'key signature',
    log.badKeys === 1 ? 'that names no key; left out.' : 'that name no key; left out.',
  );
}

/** Reports tempo events that do not count: too short, or in a track that does not set the tempo. */
function reportTempos({ track, log, problems }: Place, setsTempo: boolean): void {
  const count = setsTempo ? log.shortTempos : log.tempos;
  if (count === 0) return;
  const what = `Track ${track}: ${counted(count, 'tempo event')}`;
  if (setsTempo) problems.add('bad-tempo', `${what} of fewer than three bytes; left out, so that times may be wrong.`);
  else problems.add('tempo-outside-first-track', `${what} left out: tempo is taken from the first track alone.`);
}

/**
 * Reports a length that is not what the chunk states.
 * @returns where the search for the next track begins
 */
function reportLength({ track, chunk, log, fileEnd, problems }: Place): number {
  const { start, stated, hardEnd } = chunk;
  const states = `Track ${track} states a length of ${counted(stated - start, 'byte')}`;
  if (chunk.length === 'right') return stated;
  if (chunk.length === 'too-long') {
    problems.add(
      'track-length',
      `${states}, but the next track begins after ${hardEnd - start}; it was read up to there.`,
    );
    return hardEnd;
  }
  if (chunk.length === 'past-end-of-file') {
    const has = `but the file ends after ${fileEnd - start}`;
    if (log.endOfTrack === 'last' && log.end === fileEnd) {
      problems.add('track-length', `${states}, ${has}, with End-of-Track; bytes may be missing in the middle.`);
    } else problems.add('truncated-track', `${states}, ${has}; what comes after is lost.`);
    return fileEnd;
  }
  if (log.end > stated) {
    problems.add('track-length', `${states}, but its events go on; they were read as far as they make sense.`);
    return log.endOfTrack === 'last' ? log.end : hardEnd;
  }
  // Never back into bytes that were searched for a track already: that would make the reader quadratic.
  return log.undecodable === undefined ? stated : hardEnd;
}

/** Reports tracks that are missing or too many. */
function reportTracks(
  bytes: Uint8Array,
  header: Header,
  tracks: number,
  pos: number,
  end: number,
  problems: ProblemList,
): void {
  const declared = header.declaredTracks;
  if (tracks === 0) {
    throw new MidiError(
      'no-tracks',
      `The header declares ${counted(declared, 'track')}, and not one track chunk ("MTrk") follows. Fetch the file again: it is cut off.`,
    );
  }
  if (tracks > declared) {
    problems.add(
      'undeclared-tracks',
      `The header declares ${counted(declared, 'track')}; ${tracks} were found and read, as players do.`,
    );
  }
  if (tracks < declared && declared - tracks <= problems.times('unknown-chunk')) {
    const others = counted(declared - tracks, 'chunk that is no track', 'chunks that are no tracks');
    problems.add(
      'chunk-counted-as-track',
      `The header counts ${others} among its ${declared} tracks; nothing is missing.`,
    );
  } else if (tracks < declared) {
    problems.add('missing-tracks', `The header declares ${counted(declared, 'track')}; ${tracks} could be found.`);
  } else if (findId(bytes, MTRK, pos, end) !== -1) {
    problems.add('extra-tracks', `The header declares ${counted(declared, 'track')}; more follow, which were ignored.`);
  } else if (pos < end) {
    problems.add('trailing-bytes', `After the last track, ${counted(end - pos, 'byte was', 'bytes were')} ignored.`);
  }
}
