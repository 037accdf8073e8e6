import { describe, expect, it } from 'vitest';
import { CanonicalWriter } from '../../../src/midi/read/canonical.ts';
import type { MidiError } from '../../../src/midi/read/midi-error.ts';
import { PedalLog } from '../../../src/midi/read/pedal-log.ts';
import { TICK_LIMIT, walkTrack, type TrackSpan } from '../../../src/midi/read/walk.ts';
import * as midi from '../../support/midi-bytes.ts';
import { writtenTracks } from '../../support/packets.ts';

/** Walks bytes as a track of their own; gives the log and what was written of it. */
function walk(events: number[][], span: Partial<TrackSpan> = {}) {
  const bytes = Uint8Array.from(events.flat());
  const out = new CanonicalWriter(bytes.length + 8, 96);
  const all = { start: 0, stated: bytes.length, hardEnd: bytes.length, statedIsTrusted: true };
  const log = walkTrack(bytes, { ...all, ...span }, out, TICK_LIMIT, new PedalLog());
  return { log, written: writtenTracks(out)[0] ?? [] };
}

const note = [...midi.noteOn(0, 60), ...midi.noteOff(96, 60)];

describe('walkTrack', () => {
  it('keeps notes, programs, names, tempos and time signatures, and carries the time of all others', () => {
    const { log, written } = walk([
      midi.trackName(0, 'Left'),
      midi.meta(10, 0x01, [1, 2]),
      midi.tempo(10, 500_000),
      [5, 0xb0, 64, 127],
      [5, 0xe0, 0, 64],
      [5, 0xa0, 60, 1],
      [5, 0xd0, 1],
      midi.sysex(5, [1, 2, 0xf7]),
      midi.meter(1, 6, 3),
      midi.program(5, 3),
      note,
      midi.endOfTrack(7),
    ]);
    expect(written).toEqual([
      ...midi.meta(0, 0x03, [0, 0, 0, 0]),
      ...midi.tempo(20, 500_000),
      ...midi.meta(26, 0x58, [6, 3, 0, 0]),
      ...midi.program(5, 3),
      ...note,
    ]);
    expect(log).toMatchObject({ end: log.end, undecodable: undefined, endOfTrack: 'last', tempos: 1, afterEnd: 0 });
  });

  it.each([
    ['a delta time that is cut off', [0x81], 'a delta time is cut off'],
    ['a delta time that goes on for ever', [0x80, 0x80, 0x80, 0x80, 0x80], 'a delta time is cut off'],
    ['nothing after a delta time', [0], 'the bytes end after a delta time'],
    ['half a note', [0, 0x90, 60], 'a channel message goes on past the end'],
    ['half a program change', [0, 0xc0], 'a channel message goes on past the end'],
    ['a meta event without a length', [0, 0xff, 1], 'a meta event goes on past the end'],
    ['a meta event that is too long', [0, 0xff, 1, 3, 0, 0], 'a meta event goes on past the end'],
    [
      'a meta length of more than 28 bits',
      [0, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 1],
      'the length of a meta event has more than 28 bits',
    ],
    [
      'a sysex length of more than 28 bits',
      [0, 0xf0, 0x81, 0x80, 0x80, 0x80, 0x00, 1, 2],
      'the length of a system message has more than 28 bits',
    ],
    ['a sysex that is too long', [0, 0xf0, 9, 0], 'a system message goes on past the end'],
    ['half a song position', [0, 0xf2, 1], 'a system message goes on past the end'],
  ])('stops at %s and keeps what came before', (_, bytes, why) => {
    const { log, written } = walk([note, bytes]);
    expect(log).toMatchObject({ end: note.length, undecodable: why, endOfTrack: 'none' });
    expect(written).toEqual(note);
  });

  it('reads numbers however they are padded: of time, of texts, of sysex', () => {
    const { log, written } = walk([
      [...midi.varLen(7, 5), 0x90, 60, 80],
      [...midi.varLen(3, 9), 0xff, 0x51, ...midi.varLen(3, 6), 1, 2, 3],
      [1, 0xf0, ...midi.varLen(2, 5), 1, 0xf7],
      [1, 0xff, 0x03, ...midi.varLen(2, 7), 0x41, 0x42],
      midi.noteOff(1, 60),
    ]);
    expect(written).toEqual([
      ...midi.noteOn(7, 60),
      ...midi.meta(3, 0x51, [1, 2, 3]),
      ...midi.meta(2, 0x03, [0, 0, 0, 0]),
      ...midi.noteOff(1, 60),
    ]);
    expect(log).toMatchObject({ padded: 5, hugeDeltas: 0, undecodable: undefined });
  });

  it('takes a delta time of more than 28 bits for 0, and reads the rest of the track', () => {
    const { log, written } = walk([midi.noteOn(5, 60), [...midi.varLen(2 ** 28), 0x80, 60, 64], note]);
    expect(written).toEqual([...midi.noteOn(5, 60), ...midi.noteOff(0, 60), ...note]);
    expect(log).toMatchObject({ padded: 0, hugeDeltas: 1, undecodable: undefined });
  });

  it('stops at running status before any status', () => {
    const { log } = walk([midi.meta(0, 1), [0, 60, 80]]);
    expect(log).toMatchObject({ end: 4, undecodable: 'a data byte stands where the first status byte should' });
  });

  it('keeps running status over meta events and over system messages, and counts the latter', () => {
    const { log, written } = walk([
      midi.noteOn(0, 60),
      midi.meta(1, 1, [0]),
      [1, 61, 80],
      [1, 0xf8],
      [1, 62, 80],
      [1, 63, 80],
      midi.sysex(1, [0xf7]),
      midi.noteOn(1, 64),
    ]);
    const on = (delta: number, pitch: number) => midi.noteOn(delta, pitch);
    expect(written).toEqual([...on(0, 60), ...on(2, 61), ...on(2, 62), ...on(1, 63), ...on(2, 64)]);
    expect(log.resumed).toBe(1);
  });

  it('holds data bytes to 127 and counts them apart for notes and for the rest', () => {
    const { log, written } = walk([
      [0, 0x90, 200, 255],
      [0, 0xc0, 128],
      [0, 0xb0, 200, 200],
      [0, 0xd0, 130],
      [0, 0xf2, 1, 128],
    ]);
    expect(written).toEqual([...midi.noteOn(0, 127, 127), ...midi.program(0, 127)]);
    expect(log).toMatchObject({ clippedNotes: 3, clippedOthers: 4 });
  });

  it('takes three bytes of a longer tempo and leaves out a shorter one', () => {
    const { log, written } = walk([midi.meta(0, 0x51, [1, 2, 3, 4]), midi.meta(0, 0x51, [1, 2])]);
    expect(written).toEqual(midi.meta(0, 0x51, [1, 2, 3]));
    expect(log).toMatchObject({ tempos: 1, shortTempos: 1 });
  });

  it('writes time signatures of four bytes or more, and leaves out those that name no meter', () => {
    const meter = (...data: number[]) => midi.meta(0, 0x58, data);
    const bad = [meter(7, 2, 24), meter(), meter(0, 2, 24, 8), meter(4, 7, 24, 8)];
    const { log, written } = walk([meter(3, 2, 24, 8), meter(255, 6, 9, 9, 9), ...bad, meter(1, 0, 0, 0)]);
    expect(written).toEqual([...meter(3, 2, 0, 0), ...meter(255, 6, 0, 0), ...meter(1, 0, 0, 0)]);
    expect(log.badMeters).toBe(4);
  });

  it('reads on after End-of-Track', () => {
    const { log, written } = walk([midi.endOfTrack(3), note, midi.endOfTrack(4), midi.meta(0, 1)]);
    expect(written).toEqual([...midi.noteOn(3, 60), ...midi.noteOff(96, 60)]);
    expect(log).toMatchObject({ endOfTrack: 'earlier', afterEnd: 4 });
  });

  it('knows the keys of key signatures', () => {
    const key = (...data: number[]) => midi.meta(0, 0x59, data);
    expect(walk([key(7, 0), key(0xf9, 1), key(0, 1)]).log.badKeys).toBe(0);
    expect(walk([key(8, 0), key(0xf8, 0), key(0, 2), key(0), key()]).log.badKeys).toBe(5);
  });

  it('counts the messages that MIDI leaves undefined', () => {
    expect(walk([0xf1, 0xf3].map((status) => [0, status, 1])).log.undefinedMessages).toBe(0);
    const alone = [0xf4, 0xf5, 0xf6, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe];
    expect(walk(alone.map((status) => [0, status])).log).toMatchObject({
      undefinedMessages: 4,
      undecodable: undefined,
    });
  });

  it('refuses the first tick that is too large, on whatever event, and takes the one before', () => {
    const half = TICK_LIMIT / 2;
    expect(walk([midi.meta(half, 1), midi.noteOn(half - 1, 60)]).written).toEqual(midi.noteOn(TICK_LIMIT - 1, 60));
    expect(() => walk([midi.meta(half, 1), midi.endOfTrack(half)])).toThrow(
      expect.objectContaining({
        code: 'tick-too-large',
        message: expect.stringContaining('10000000') as string,
      }) as MidiError,
    );
  });

  it('does not refuse a tick of an event that cannot be decoded', () => {
    expect(walk([note, [0xff, 0xff, 0xff, 0x7f, 0x90, 1]]).log.end).toBe(note.length);
  });

  it('ends at a trusted length, and at one that is not only with End-of-Track', () => {
    const events = [note, note, midi.endOfTrack(), note];
    const at = (stated: number, statedIsTrusted: boolean) => walk(events, { stated, statedIsTrusted }).log.end;
    expect(at(8, true)).toBe(8);
    expect(at(8, false)).toBe(20);
    expect(at(9, true)).toBe(20);
    expect(at(20, false)).toBe(20);
    expect(at(28, false)).toBe(28);
  });
});
