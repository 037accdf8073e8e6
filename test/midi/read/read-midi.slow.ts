import { describe, expect, it } from 'vitest';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import * as midi from '../../support/midi-bytes.ts';

// A quadratic step takes minutes on these files; the limit leaves room for a busy machine.
describe('readMidi takes linear time', () => {
  it.each([
    ['two hundred thousand notes open on one key', () => midi.midiFile([pileOf(200_000)]), 200_000],
    ['sixty thousand empty tracks', () => midi.midiFile(new Array<number[][]>(60_000).fill([])), 0],
    ['a hundred thousand tempos before a note in each of sixty thousand tracks', () => crowd(100_000, 60_000), 60_000],
    ['sixty thousand tracks whose lengths lead to the same wrong place', () => misledTracks(60_000), 0],
    ['half a million chunks of another kind', () => unknownChunks(500_000), 1],
  ])('for %s', (_, make, notes) => {
    const bytes = make();
    const before = performance.now();
    const { instruments } = readMidi(bytes, { maxBytes: bytes.length });
    expect(performance.now() - before).toBeLessThan(5000);
    expect(instruments.reduce((sum, instrument) => sum + instrument.notes.length, 0)).toBe(notes);
  });
});

function pileOf(count: number): number[][] {
  return [...new Array<number[]>(count).fill(midi.noteOn(0, 60)), midi.noteOff(1, 60)];
}

/** Tempos that all differ from the one before, then tracks of one late note. */
function crowd(tempos: number, tracks: number): Uint8Array {
  const late = [midi.noteOn(tempos, 60), midi.noteOff(1, 60)];
  const first = Array.from({ length: tempos }, (_, i) => midi.tempo(1, 500_000 + (i % 2)));
  return midi.midiFile([first, ...new Array<number[][]>(tracks).fill(late)]);
}

/** Tracks of one undecodable event, all of them stating that they end among the zeros at the end of the file. */
function misledTracks(count: number): Uint8Array {
  const tracks = Array.from({ length: count }, (_, i) => midi.chunk('MTrk', [0, 60], (count - i) * 10 + 90));
  return Uint8Array.from([...midi.header(1, 65_535, 96), ...tracks.flat(), ...new Array<number>(1000).fill(0)]);
}

function unknownChunks(count: number): Uint8Array {
  const file = midi.midiFile([[midi.noteOn(0, 60), midi.noteOff(1, 60)]]);
  const chunks = new Array<number[]>(count).fill(midi.chunk('Junk', [])).flat();
  return Uint8Array.from([...file.subarray(0, 14), ...chunks, ...file.subarray(14)]);
}
