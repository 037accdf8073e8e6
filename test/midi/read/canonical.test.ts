import { describe, expect, it } from 'vitest';
import { CanonicalWriter } from '../../../src/midi/read/canonical.ts';
import * as midi from '../../support/midi-bytes.ts';

describe('CanonicalWriter', () => {
  it('writes a header of six bytes, the true number of tracks, exact lengths and explicit status bytes', () => {
    const out = new CanonicalWriter(200);
    out.beginTrack();
    out.name(Uint8Array.from(midi.latin1('Né')));
    out.advance(96);
    out.tempo(Uint8Array.of(9, 1, 2, 3, 9), 1);
    out.endTrack();
    out.beginTrack();
    out.channel1(0xc5, 40);
    out.channel2(0x95, 60, 80);
    out.channel2(0x95, 60, 0);
    out.endTrack();
    const { bytes, eventsPerTrack } = out.finish(1, 0xe728);
    expect([...bytes]).toEqual([
      ...midi.header(1, 2, 0xe728),
      ...midi.chunk('MTrk', [...midi.trackName(0, 'Né'), ...midi.meta(96, 0x51, [1, 2, 3]), ...midi.endOfTrack()]),
      ...midi.chunk('MTrk', [
        ...midi.program(0, 40, 5),
        ...midi.noteOn(0, 60, 80, 5),
        ...midi.noteOn(0, 60, 0, 5),
        ...midi.endOfTrack(),
      ]),
    ]);
    expect(eventsPerTrack).toEqual([3, 4]);
  });

  it('carries the ticks of what was left out on to the next event, but not into the next track', () => {
    const out = new CanonicalWriter(100);
    out.beginTrack();
    for (const delta of [1, 126, 0x3f80]) out.advance(delta);
    out.channel2(0x90, 60, 1);
    out.advance(9_999_000);
    out.endTrack();
    out.beginTrack();
    out.endTrack();
    const { bytes } = out.finish(0, 96);
    expect([...bytes.subarray(22)]).toEqual([
      ...midi.noteOn(0x3fff, 60, 1),
      ...midi.endOfTrack(9_999_000),
      ...midi.chunk('MTrk', midi.endOfTrack()),
    ]);
  });

  it('has room for the source that grows the most: running program changes and empty tracks', () => {
    const tracks = 500;
    const out = new CanonicalWriter(14 + tracks * 8 + 2000);
    out.beginTrack();
    for (let i = 0; i < 1000; i++) out.channel1(0xc0, 1);
    out.endTrack();
    for (let i = 1; i < tracks; i++) {
      out.beginTrack();
      out.endTrack();
    }
    const { bytes } = out.finish(1, 96);
    expect(bytes).toHaveLength(14 + tracks * 12 + 3000);
    expect([...bytes.subarray(-4)]).toEqual(midi.endOfTrack());
  });
});
