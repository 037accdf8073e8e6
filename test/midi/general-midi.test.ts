import { describe, expect, it } from 'vitest';
import { GENERAL_MIDI_PROGRAMS, programName, programsNamed } from '../../src/midi/general-midi.ts';

describe('the programs of General MIDI', () => {
  it('are 128 different names', () => {
    expect(GENERAL_MIDI_PROGRAMS).toHaveLength(128);
    expect(new Set(GENERAL_MIDI_PROGRAMS).size).toBe(128);
  });

  it.each([
    [0, 'Acoustic Grand Piano'],
    [6, 'Harpsichord'],
    [19, 'Church Organ'],
    [24, 'Acoustic Guitar (nylon)'],
    [32, 'Acoustic Bass'],
    [40, 'Violin'],
    [48, 'String Ensemble 1'],
    [56, 'Trumpet'],
    [60, 'French Horn'],
    [68, 'Oboe'],
    [73, 'Flute'],
    [80, 'Lead 1 (square)'],
    [88, 'Pad 1 (new age)'],
    [96, 'FX 1 (rain)'],
    [104, 'Sitar'],
    [112, 'Tinkle Bell'],
    [120, 'Guitar Fret Noise'],
    [127, 'Gunshot'],
  ])('have %i named %s', (program, name) => {
    expect(programName(program)).toBe(name);
    expect(programsNamed(name)).toEqual([program]);
  });

  it('are found by a part of their names, whatever the case, the spaces and the brackets', () => {
    expect(programsNamed('VIOLIN')).toEqual([40]);
    expect(programsNamed('piano')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(programsNamed('SynthStrings 1')).toEqual([50]);
    expect(programsNamed('lead 8 bass+lead')).toEqual([87]);
    expect(programsNamed('pan flute')).toEqual([75]);
    expect(programsNamed('kazoo')).toEqual([]);
    expect(programsNamed(' () ')).toEqual([]);
  });

  it('have a name for a number outside the table', () => {
    expect(programName(128)).toBe('Program 128');
  });
});
