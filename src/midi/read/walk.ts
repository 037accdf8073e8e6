import { LONG, MAX_VAR_LEN, readLongVarLen, readVarLen } from './bytes.ts';
import type { CanonicalWriter } from './canonical.ts';
import { ALL_NOTES_OFF, ALL_SOUND_OFF } from './ends-elsewhere.ts';
import { MidiError } from './midi-error.ts';
import { SUSTAIN, type PedalLog } from './pedal-log.ts';

/** The first tick that pretty_midi refuses. */
export const TICK_LIMIT = 10_000_000;

/** {@link messageEnd}: the message ends past the bytes, or its length is larger than any. */
const PAST_END = -1;
const TOO_LARGE = -2;

/** The bytes of one track's events, as far as the chunk can be believed. */
export interface TrackSpan {
  start: number;
  /** Where the chunk's stated length ends; may lie past the end of the file. */
  stated: number;
  /** No event may reach past this. */
  hardEnd: number;
  /** Whether an event that ends exactly at `stated` ends the track, even where no End-of-Track came. */
  statedIsTrusted: boolean;
}

/** What the walk over one track found. */
export interface TrackLog {
  /** The byte after the last event that could be decoded. */
  end: number;
  /** Why the next event could not be decoded; undefined where the track was read to its end. */
  undecodable: string | undefined;
  /** Whether an End-of-Track was met, and whether it was the last event. */
  endOfTrack: 'none' | 'last' | 'earlier';
  /** Events after the first End-of-Track. */
  afterEnd: number;
  /** Notes that are struck. */
  notes: number;
  /** Data bytes above 127 in notes and program changes. */
  clippedNotes: number;
  /** Data bytes above 127 in other messages. */
  clippedOthers: number;
  /** Set-tempo events that were kept. */
  tempos: number;
  /** Set-tempo events of fewer than three bytes, left out. */
  shortTempos: number;
  /** Time signatures that name no meter. */
  badMeters: number;
  /** Key signatures that name no key. */
  badKeys: number;
  /** Messages F4, F5, F9 and FD. */
  undefinedMessages: number;
  /** How often running status was taken up again after a system message. */
  resumed: number;
  /** Numbers of more than four bytes that need no more than four. */
  padded: number;
  /** Delta times of more than 28 bits, taken for 0. */
  hugeDeltas: number;
}

/**
 * Walks the events of one track with strict bounds and writes those that make notes, times and names to `out` as a
 * track of its own. Running status survives meta and system messages. Stops at the first event that cannot be decoded.
 * @param tickLimit the first tick that is refused
 * @param pedals is told of the sustain pedal
 * @throws MidiError `tick-too-large`
 */
export function walkTrack(
  bytes: Uint8Array,
  span: TrackSpan,
  out: CanonicalWriter,
  tickLimit: number,
  pedals: PedalLog,
): TrackLog {
  const { stated, hardEnd, statedIsTrusted } = span;
  const log = emptyLog(span.start);
  let running = 0;
  let interrupted = false;
  let tick = 0;
  let lastSound = 0;
  out.beginTrack();
  pedals.beginTrack();
  while (log.end < hardEnd) {
    if (log.end >= stated && (log.endOfTrack === 'last' || (log.end === stated && statedIsTrusted))) break;
    const packed = readVarLen(bytes, log.end, hardEnd);
    let delta = packed >>> 3;
    let pos = log.end + (packed & 7);
    if (packed < 0) {
      const long = packed === LONG ? readLongVarLen(bytes, log.end, hardEnd) : undefined;
      if (long === undefined) {
        log.undecodable = 'a delta time is cut off';
        break;
      }
      delta = long.value;
      pos = log.end + long.length;
    }
    if (pos >= hardEnd) {
      log.undecodable = 'the bytes end after a delta time';
      break;
    }
    let status = bytes[pos];
    const isRunning = status < 0x80;
    if (isRunning) status = running;
    else pos++;
    const end = messageEnd(bytes, pos, status, hardEnd, log);
    if (end < 0) {
      log.undecodable = whyUndecodable(end, status);
      break;
    }
    if (packed < 0) delta = plausible(delta, log);
    tick += delta;
    if (tick >= tickLimit) throw tooLate(tick);
    out.advance(delta);
    if (log.endOfTrack !== 'none') {
      log.endOfTrack = 'earlier';
      log.afterEnd++;
    }
    if (status < 0xf0) {
      if (interrupted) {
        if (isRunning) log.resumed++;
        interrupted = false;
      }
      running = status;
      writeChannelMessage(bytes, pos, status, out, log);
      if (status < 0xa0) lastSound = tick;
      else if ((status & 0xf0) === 0xb0 && bytes[pos] === SUSTAIN) {
        lastSound = tick;
        pedals.pedal(status & 0xf, tick, bytes[pos + 1]);
      }
    } else if (status === 0xff) writeMetaEvent(bytes, pos, end, out, log);
    else {
      interrupted = true;
      noteSystemMessage(bytes, pos, end, status, log);
    }
    log.end = end;
  }
  out.endTrack();
  pedals.endTrack(lastSound);
  return log;
}

/** A delta time of more than four bytes: only padded, or larger than any, so that nobody knows how much time was meant. */
function plausible(delta: number, log: TrackLog): number {
  if (delta <= MAX_VAR_LEN) {
    log.padded++;
    return delta;
  }
  log.hugeDeltas++;
  return 0;
}

/**
 * The byte after the message of `status` whose data begin at `pos`; PAST_END or TOO_LARGE where it cannot be told, or where
 * it lies past `hardEnd`. Status 0 stands for running status before any status byte.
 */
function messageEnd(bytes: Uint8Array, pos: number, status: number, hardEnd: number, log: TrackLog): number {
  let end = pos;
  if (status < 0xf0) {
    if (status === 0) return PAST_END;
    end += status >= 0xc0 && status < 0xe0 ? 1 : 2;
  } else if (status === 0xff || status === 0xf0 || status === 0xf7) {
    const at = status === 0xff ? pos + 1 : pos;
    end = dataEnd(bytes, at, hardEnd, log);
    if (end < 0) return end;
  } else if (status === 0xf2) end += 2;
  else if (status === 0xf1 || status === 0xf3) end += 1;
  return end <= hardEnd ? end : PAST_END;
}

/** The byte after data that begin with their length, at `pos`. */
function dataEnd(bytes: Uint8Array, pos: number, hardEnd: number, log: TrackLog): number {
  const packed = readVarLen(bytes, pos, hardEnd);
  if (packed >= 0) return pos + (packed & 7) + (packed >>> 3);
  const long = packed === LONG ? readLongVarLen(bytes, pos, hardEnd) : undefined;
  if (long === undefined) return PAST_END;
  if (long.value > MAX_VAR_LEN) return TOO_LARGE;
  const end = pos + long.length + long.value;
  if (end <= hardEnd) log.padded++;
  return end;
}

function whyUndecodable(trouble: number, status: number): string {
  if (status === 0) return 'a data byte stands where the first status byte should';
  const name = status < 0xf0 ? 'a channel message' : status === 0xff ? 'a meta event' : 'a system message';
  return trouble === TOO_LARGE ? `the length of ${name} has more than 28 bits` : `${name} goes on past the end`;
}

/** Notes, program changes and what silences a channel are written, their data bytes held to 127; the others are left out. */
function writeChannelMessage(
  bytes: Uint8Array,
  pos: number,
  status: number,
  out: CanonicalWriter,
  log: TrackLog,
): void {
  const first = bytes[pos];
  if (status < 0xa0) {
    const second = bytes[pos + 1];
    if (status >= 0x90 && second > 0) log.notes++;
    if ((first | second) > 127) log.clippedNotes += (first >> 7) + (second >> 7);
    out.channel2(status, first > 127 ? 127 : first, second > 127 ? 127 : second);
  } else if (status >= 0xc0 && status < 0xd0) {
    if (first > 127) log.clippedNotes++;
    out.program(status, first > 127 ? 127 : first);
  } else {
    log.clippedOthers += first >> 7;
    if (status < 0xc0 || status >= 0xe0) log.clippedOthers += bytes[pos + 1] >> 7;
    const silences = first === ALL_SOUND_OFF || first === ALL_NOTES_OFF;
    if (silences && status >= 0xb0 && status < 0xc0) out.channel2(status, first, bytes[pos + 1] & 127);
  }
}

/** Track names, tempos and time signatures are written, all in one length whatever their own; End-of-Track is noted. */
function writeMetaEvent(bytes: Uint8Array, pos: number, end: number, out: CanonicalWriter, log: TrackLog): void {
  const type = bytes[pos];
  const packed = readVarLen(bytes, pos + 1, end);
  const data = pos + 1 + (packed >= 0 ? packed & 7 : readLongVarLen(bytes, pos + 1, end)!.length);
  if (type === 0x2f) log.endOfTrack = 'last';
  else if (type === 0x03) out.name(data, end);
  else if (type === 0x59) log.badKeys += isKey(bytes, data, end) ? 0 : 1;
  else if (type === 0x51) {
    if (end - data < 3) log.shortTempos++;
    else {
      log.tempos++;
      out.tempo(bytes, data);
    }
  } else if (type === 0x58) {
    if (isMeter(bytes, data, end)) out.meter(bytes[data], bytes[data + 1]);
    else log.badMeters++;
  }
}

/** Counts the data bytes above 127 of F1, F2 and F3, and the messages that MIDI does not define. */
function noteSystemMessage(bytes: Uint8Array, pos: number, end: number, status: number, log: TrackLog): void {
  if (status === 0xf0 || status === 0xf7) return;
  if (status === 0xf4 || status === 0xf5 || status === 0xf9 || status === 0xfd) log.undefinedMessages++;
  for (let i = pos; i < end; i++) log.clippedOthers += bytes[i] >> 7;
}

/** Seven flats to seven sharps as a signed byte, then 0 for major or 1 for minor. */
function isKey(bytes: Uint8Array, pos: number, end: number): boolean {
  return end - pos >= 2 && (bytes[pos] <= 7 || bytes[pos] >= 0xf9) && bytes[pos + 1] <= 1;
}

/** Four bytes: beats, then the power of two that is their note value, up to a 64th; the others only concern metronomes. */
function isMeter(bytes: Uint8Array, pos: number, end: number): boolean {
  return end - pos >= 4 && bytes[pos] > 0 && bytes[pos + 1] <= 6;
}

function emptyLog(start: number): TrackLog {
  return {
    end: start,
    undecodable: undefined,
    endOfTrack: 'none',
    afterEnd: 0,
    notes: 0,
    clippedNotes: 0,
    clippedOthers: 0,
    tempos: 0,
    shortTempos: 0,
    badMeters: 0,
    badKeys: 0,
    undefinedMessages: 0,
    resumed: 0,
    padded: 0,
    hugeDeltas: 0,
  };
}

function tooLate(tick: number): MidiError {
  return new MidiError(
    'tick-too-large',
    `An event stands at tick ${tick}; pretty_midi reads ticks below ${TICK_LIMIT} only. Read it without compat (--compat none).`,
  );
}
