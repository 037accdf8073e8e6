import { describe, expect, it } from 'vitest';
import { CanonicalWriter, nameNumber } from '../../../src/midi/read/canonical.ts';
import * as midi from '../../support/midi-bytes.ts';
import { writtenTracks } from '../../support/packets.ts';

const nameEvent = (delta: number, number: number) => midi.meta(delta, 0x03, [0, 0, number >> 7, number & 127]);

describe('CanonicalWriter', () => {
  it('writes each track as a file of its own, with a header of six bytes, exact lengths and explicit status bytes', () => {
    const out = new CanonicalWriter(200, 0xe728);
    out.beginTrack();
    out.name(31, 33);
    out.advance(96);
    out.tempo(Uint8Array.of(9, 1, 2, 3, 9), 1);
    out.meter(3, 2);
    out.endTrack();
    out.beginTrack();
    out.program(0xc5, 40);
    out.channel2(0x95, 60, 80);
    out.channel2(0x92, 60, 0);
    out.endTrack();
    const [first, second] = out.packets.map(({ from, to }) => [...out.bytes.subarray(from, to)]);
    expect(first).toEqual([
      ...midi.header(0, 1, 0xe728),
      ...midi.chunk('MTrk', [
        ...nameEvent(0, 0),
        ...midi.meta(96, 0x51, [1, 2, 3]),
        ...midi.meta(0, 0x58, [3, 2, 0, 0]),
        ...midi.endOfTrack(),
      ]),
    ]);
    expect(second).toEqual([
      ...midi.header(0, 1, 0xe728),
      ...midi.chunk('MTrk', [
        ...midi.program(0, 40, 5),
        ...midi.noteOn(0, 60, 80, 5),
        ...midi.noteOn(0, 60, 0, 2),
        ...midi.endOfTrack(),
      ]),
    ]);
    expect(out.packets).toMatchObject([
      { track: 0, tick: 0, events: 4, tempos: true, meters: true, notes: 0, programs: 0 },
      { track: 1, tick: 0, events: 4, tempos: false, meters: false, notes: (1 << 5) | (1 << 2), programs: 1 << 5 },
    ]);
    expect(out.names).toEqual([31, 33]);
  });

  it('carries the ticks of what was left out on to the next event, but not into the next track', () => {
    const out = new CanonicalWriter(100, 96);
    out.beginTrack();
    for (const delta of [1, 126, 0x3f80]) out.advance(delta);
    out.channel2(0x90, 60, 1);
    out.advance(9_999_000);
    out.endTrack();
    out.beginTrack();
    out.channel2(0x90, 61, 1);
    out.endTrack();
    expect(writtenTracks(out)).toEqual([midi.noteOn(0x3fff, 60, 1), midi.noteOn(0, 61, 1)]);
  });

  it('lets more time pass than one delta time can hold', () => {
    const out = new CanonicalWriter(100, 96);
    out.beginTrack();
    for (let i = 0; i < 3; i++) out.advance(0xfffffff);
    out.channel2(0x90, 60, 1);
    out.endTrack();
    const [{ events }] = out.packets;
    expect(events).toBe(4);
    const pause = midi.meta(0xfffffff, 1);
    expect(writtenTracks(out)).toEqual([[...pause, ...pause, ...midi.noteOn(0xfffffff, 60, 1)]]);
  });

  it('cuts a long track into packets that say at which tick they begin', () => {
    const out = new CanonicalWriter(9000, 96);
    out.beginTrack();
    for (let i = 0; i < 3000; i++) {
      out.advance(2);
      out.channel2(0x90, 60, 1);
    }
    out.endTrack();
    expect(out.packets.map(({ tick, events }) => [tick, events])).toEqual([
      [0, 1025],
      [2048, 1025],
      [4096, 953],
    ]);
    expect(writtenTracks(out)).toEqual([new Array(3000).fill(midi.noteOn(2, 60, 1)).flat()]);
  });

  it('numbers names so that the number comes back from the letters', () => {
    const out = new CanonicalWriter(2000, 96);
    out.beginTrack();
    for (let i = 0; i < 300; i++) out.name(i, i);
    out.endTrack();
    const letters = writtenTracks(out)[0].slice(-4);
    expect(nameNumber(String.fromCharCode(...letters))).toBe(299);
  });

  it('has room for the source that grows the most: running program changes, nameless names, tracks of one event', () => {
    const tracks = 500;
    const out = new CanonicalWriter(14 + tracks * 11 + 2000 + 4000, 96);
    out.beginTrack();
    for (let i = 0; i < 1000; i++) out.program(0xc0, 1);
    for (let i = 0; i < 1000; i++) out.name(0, 0);
    out.endTrack();
    for (let i = 1; i < tracks; i++) {
      out.beginTrack();
      out.program(0xc0, 1);
      out.endTrack();
    }
    const { to } = out.packets.at(-1)!;
    expect(to).toBeLessThan(out.bytes.length);
    expect([...out.bytes.subarray(to - 4, to)]).toEqual(midi.endOfTrack());
  });
});
