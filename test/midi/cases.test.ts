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

  it('a delta time padded to five bytes keeps the track, with a note', () => {
    const file = readMidiFile(pathOf('h-vlq-padded5'));
    expect(notesOf(file)).toHaveLength(21);
    expect(codesOf(file)).toEqual(['padded-number: note']);
  });

  it('a tempo long after the last note does not make the music longer', () => {
    const file = readMidiFile(pathOf('x-tempo-after-end'));
    expect(notesOf(file)).toHaveLength(20);
    expect(file.endTime).toBeCloseTo(5, 1);
    expect(file.problems).toEqual([]);
  });
});
