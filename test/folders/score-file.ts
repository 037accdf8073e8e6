import * as midi from '../support/midi-bytes.ts';

/** A note, its times in quarters from the beginning. */
export interface WrittenNote {
  pitch: number;
  velocity: number;
  start: number;
  length: number;
}

/** What one track plays, all on one channel. */
export interface Part {
  /** Each key sounds once at a time. */
  notes: readonly WrittenNote[];
  name?: string;
  /** @default 0, the grand piano */
  program?: number;
  isDrum?: boolean;
  /** When the sustain pedal goes down and comes up, in quarters. */
  pedal?: readonly [down: number, up: number][];
}

/** What a file says: its parts, and how it counts. */
export interface WrittenPiece {
  parts: readonly Part[];
  /** Quarters a minute, from a quarter on. None is 120 to those who read the file. */
  tempo?: readonly [quarter: number, bpm: number][];
  meter?: readonly [quarter: number, beats: number, unit: number][];
}

/** Ticks a quarter: twenty for each 24th. */
const RESOLUTION = 480;
const DRUM_CHANNEL = 9;
const SUSTAIN = 64;

/** An event at a tick; of several at one tick the one of the lower rank comes first. */
interface Event {
  tick: number;
  rank: number;
  /** Its bytes after so many ticks. */
  bytes: (delta: number) => number[];
}

/**
 * A file of format 1 with what `writeMidi` does not write: tempos and time signatures that change or are not there, and the
 * pedal. The first track has the times, and each part is another.
 */
export function midiOfPiece({ parts, tempo = [], meter = [] }: WrittenPiece): Uint8Array {
  const timing: Event[] = [
    ...tempo.map(([quarter, bpm]) => at(quarter, 0, (delta) => midi.tempo(delta, Math.round(6e7 / bpm)))),
    ...meter.map(([quarter, beats, unit]) => at(quarter, 1, (delta) => midi.meter(delta, beats, Math.log2(unit)))),
  ];
  return midi.midiFile([timing, ...parts.map(eventsOf)].map(inOrder), { division: RESOLUTION, format: 1 });
}

function eventsOf({ notes, name, program = 0, isDrum = false, pedal = [] }: Part, place: number): Event[] {
  // The drums' channel is nobody else's.
  const channel = isDrum ? DRUM_CHANNEL : place < DRUM_CHANNEL ? place : place + 1;
  const moved = (value: number) => (delta: number) => [...midi.varLen(delta), 0xb0 | channel, SUSTAIN, value];
  return [
    ...(name === undefined ? [] : [at(0, 0, (delta) => midi.trackName(delta, name))]),
    at(0, 1, (delta) => midi.program(delta, program, channel)),
    ...pedal.flatMap(([down, up]) => [at(up, 2, moved(0)), at(down, 3, moved(127))]),
    ...notes.flatMap(({ pitch, velocity, start, length }) => [
      at(start + length, 4, (delta) => midi.noteOff(delta, pitch, channel)),
      at(start, 5, (delta) => midi.noteOn(delta, pitch, velocity, channel)),
    ]),
  ];
}

function at(quarter: number, rank: number, bytes: Event['bytes']): Event {
  return { tick: Math.round(quarter * RESOLUTION), rank, bytes };
}

function inOrder(events: Event[]): number[][] {
  const sorted = events.toSorted((a, b) => a.tick - b.tick || a.rank - b.rank);
  return sorted.map(({ tick, bytes }, i) => bytes(tick - (sorted[i - 1]?.tick ?? 0)));
}
