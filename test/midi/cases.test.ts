import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMidiFile } from '../../src/midi/read/read-midi-file.ts';
import type { MidiFile } from '../../src/midi/types.ts';

const pathOf = (name: string): string => resolve(import.meta.dirname, '../fixtures/cases', `${name}.mid`);
const notesOf = ({ instruments }: MidiFile) => instruments.flatMap(({ notes }) => notes);
const codesOf = ({ problems }: MidiFile) => problems.map(({ code, severity }) => `${code}: ${severity}`);

describe('files of real programs', () => {
  it('a tempo that a sequencer writes into the second track is honoured, with a note', () => {
    const file = readMidiFile(pathOf('b-tempo-in-track1'));
    expect(notesOf(file)).toHaveLength(30);
    expect(file.endTime).toBeCloseTo(15, 0);
    expect(codesOf(file)).toEqual(['tempo-in-other-track: note']);
    const pretty = readMidiFile(pathOf('b-tempo-in-track1'), { compat: 'pretty_midi' });
    expect(pretty.endTime).toBeCloseTo(file.endTime / 2, 6);
    expect(codesOf(pretty)).toEqual(['tempo-outside-first-track: note']);
  });

  it('a time base of 32,767 ticks a quarter is read like one of 480', () => {
    const [fine, coarse] = ['a-maps-ppq32767', 'a-same-ppq480'].map((name) => readMidiFile(pathOf(name)));
    expect(notesOf(fine)).toHaveLength(220);
    expect(notesOf(coarse)).toHaveLength(220);
    expect(fine.problems).toEqual([]);
    notesOf(fine).forEach(({ pitch, start, end }, i) => {
      const other = notesOf(coarse)[i];
      expect(pitch).toBe(other.pitch);
      // Each of its notes is a tick short, so that their onsets drift apart.
      expect(Math.abs(end - start - (other.end - other.start))).toBeLessThan(1 / 32_767);
      expect(Math.abs(start - other.start)).toBeLessThan((i + 1) / 32_767);
    });
  });

  it('a delta time padded to five bytes keeps the track, with a note', () => {
    const file = readMidiFile(pathOf('h-vlq-padded5'));
    expect(notesOf(file)).toHaveLength(21);
    expect(codesOf(file)).toEqual(['padded-number: note']);
  });

  it('a track name in UTF-8 comes as a person wrote it', () => {
    const [{ name }] = readMidiFile(pathOf('s-name-utf8')).instruments;
    expect(name).toBe('Flöte ピアノ');
  });

  it("a vendor's chunk that the header counts among its tracks is a note, not damage", () => {
    const file = readMidiFile(pathOf('k-ntrks-counts-vendor-chunk'));
    expect(notesOf(file)).toHaveLength(30);
    expect(codesOf(file)).toEqual(['unknown-chunk: note', 'chunk-counted-as-track: note']);
  });

  it('a tempo long after the last note does not make the music longer', () => {
    const file = readMidiFile(pathOf('x-tempo-after-end'));
    expect(notesOf(file)).toHaveLength(20);
    expect(file.endTime).toBeCloseTo(5, 1);
    expect(file.problems).toEqual([]);
  });
});
