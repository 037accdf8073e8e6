import fc from 'fast-check';
import * as midi from './midi-bytes.ts';
import type { ModelEvent } from './pretty-midi-model.ts';

/** Events of one track, few keys and small deltas, so that notes overlap, touch and begin together. */
export const arbitraryTrack: fc.Arbitrary<ModelEvent[]> = fc
  .array(
    fc.record({
      delta: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 300 })),
      kind: fc.constantFrom('on', 'on', 'on', 'off', 'off', 'off', 'off', 'program', 'silence', 'name', 'tempo'),
      channel: fc.constantFrom(0, 0, 3, 9),
      pitch: fc.constantFrom(60, 61, 127),
      velocity: fc.integer({ min: 1, max: 127 }),
      program: fc.constantFrom(0, 40, 127),
      controller: fc.constantFrom(120, 123),
      name: fc.constantFrom('', 'Left', 'Rück'),
      tempo: fc.oneof(fc.constantFrom(500_000, 1), fc.integer({ min: 100, max: 0xffffff })),
    }),
    { maxLength: 40 },
  )
  .map((events) => {
    let tick = 0;
    return events.map(({ delta, ...event }) => ({ ...event, tick: (tick += delta) })) as ModelEvent[];
  });

/** Ways to spell the same music: what a writer may choose, and what it may put in between. */
export interface Spelling {
  runningStatus: boolean;
  /** Note-off as note-on of velocity 0. */
  offAsOn: boolean;
  paddedDeltas: boolean;
  /** Between the events, in turn: bytes of an event without its delta, which makes no note. */
  fillers: number[][];
}

const FILLERS: number[][] = [
  [0xff, 0x01, 2, 0x90, 0x3c],
  [0xff, 0x20, 1, 0],
  [0xff, 0x7f, 3, 0, 1, 2],
  [0xff, 0x2f, 0],
  [0xff, 0x59, 2, 0xfd, 1],
  [0xf0, 2, 0x7e, 0xf7],
  [0xf7, 1, 0xf8],
  [0xf8],
  [0xf2, 1, 2],
  [0xb3, 64, 127],
  [0xe0, 0, 64],
  [0xd9, 5],
  [0xa0, 60, 5],
];

export const arbitrarySpelling: fc.Arbitrary<Spelling> = fc.record({
  runningStatus: fc.boolean(),
  offAsOn: fc.boolean(),
  paddedDeltas: fc.boolean(),
  fillers: fc.array(fc.constantFrom(...FILLERS), { maxLength: 6 }),
});

/** The bytes of a track's events in a spelling, End-of-Track included. */
export function spell(events: ModelEvent[], spelling: Spelling): number[] {
  const bytes: number[] = [];
  let last = 0;
  let running = 0;
  const put = (tick: number, event: number[]) => {
    bytes.push(...midi.varLen(tick - last, spelling.paddedDeltas ? 4 : 1));
    last = tick;
    if (spelling.runningStatus && event[0] === running) bytes.push(...event.slice(1));
    else bytes.push(...event);
    if (event[0] < 0xf0) running = event[0];
  };
  events.forEach((event, i) => {
    const filler = spelling.fillers[i % (spelling.fillers.length + 1)];
    // Half-way to the event, so that its delta is split over both.
    if (filler) put(Math.floor((last + event.tick) / 2), filler);
    put(event.tick, eventBytes(event, spelling.offAsOn));
  });
  put(last + 1, [0xff, 0x2f, 0]);
  return bytes;
}

function eventBytes(event: ModelEvent, offAsOn: boolean): number[] {
  switch (event.kind) {
    case 'on':
      return [0x90 | event.channel, event.pitch, event.velocity];
    case 'off':
      return offAsOn ? [0x90 | event.channel, event.pitch, 0] : [0x80 | event.channel, event.pitch, 64];
    case 'program':
      return [0xc0 | event.channel, event.program];
    case 'silence':
      return [0xb0 | event.channel, event.controller, 0];
    case 'name':
      return [0xff, 0x03, ...midi.varLen(event.name.length), ...midi.latin1(event.name)];
    case 'tempo':
      return [0xff, 0x51, 3, ...midi.be32(event.tempo).slice(1)];
  }
}
