import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MidiError } from '../../../src/midi/read/midi-error.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import type { MidiFile } from '../../../src/midi/types.ts';
import { sharedData } from '../../support/shared-data.ts';

/** What pretty_midi reads from a file of the suite, or what is proposed where it refuses. */
interface Reference {
  ok: boolean;
  class?: 'oracle' | 'salvage' | 'refuse';
  why?: string;
  format?: number;
  resolution?: number;
  tempo?: [number, number][];
  instruments?: { program: number; is_drum: boolean; name: string; notes: number[][] }[];
}

const suite = sharedData('midi-suite');

/** The files of a folder of the suite, each with its reference. */
function references(folder: string): { name: string; bytes: Uint8Array; reference: Reference }[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.mid'));
  return names.map((name) => ({
    name,
    bytes: readFileSync(join(folder, name)),
    reference: JSON.parse(readFileSync(join(folder, name.replace(/\.mid$/, '.json')), 'utf8')) as Reference,
  }));
}

/** The file in the words of the reference. */
function inItsWords(file: MidiFile): Reference['instruments'] {
  return file.instruments.map(({ program, isDrum, name, notes }) => ({
    program,
    is_drum: isDrum,
    name,
    notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
  }));
}

function expectAsReference(file: MidiFile, reference: Reference, name: string): void {
  const expected = reference.instruments?.map(({ program, is_drum, name, notes }) => ({
    program,
    is_drum,
    name,
    notes,
  }));
  // Compared as JSON: it spells every float64 out, and is fast where toEqual is not.
  expect(JSON.stringify(inItsWords(file)), name).toBe(JSON.stringify(expected));
  if (reference.tempo) expect(file.tempo, name).toEqual(reference.tempo);
  if (reference.format !== undefined) expect(file.format, name).toBe(reference.format);
  if (reference.resolution !== undefined) expect(file.resolution, name).toBe(reference.resolution);
}

describe.skipIf(suite.missing)(`the suite of real files${suite.missing ? ` (${suite.missing})` : ''}`, () => {
  const files = suite.missing ? [] : references(suite.path);

  it('is read as pretty_midi reads it, bit for bit', () => {
    const readable = files.filter(({ reference }) => reference.ok);
    expect(readable.length).toBeGreaterThan(70);
    for (const { name, bytes, reference } of readable) {
      const file = readMidi(bytes, { compat: 'pretty_midi' });
      expectAsReference(file, reference, name);
      expect(
        file.problems.filter(({ severity }) => severity === 'damage'),
        name,
      ).toEqual([]);
    }
  });

  it('is played as pretty_midi reads it: no note needs more than its own track', () => {
    const notesOf = (file: MidiFile): string =>
      JSON.stringify(file, (key, value: unknown) => (key === 'pedal' ? undefined : value));
    for (const { name, bytes } of files) {
      const [played, pretty] = [readMidi(bytes), readMidi(bytes, { compat: 'pretty_midi' })];
      expect(notesOf(played) === notesOf(pretty), name).toBe(true);
    }
  });

  it('is read in part, with the reasons, where pretty_midi refuses', () => {
    const refused = files.filter(({ reference }) => !reference.ok);
    expect(refused.length).toBeGreaterThan(0);
    for (const { name, bytes } of refused) {
      const file = readMidi(bytes);
      expect(file.instruments.length, name).toBeGreaterThan(0);
      expect(file.problems.length, name).toBeGreaterThan(0);
    }
  });
});

/** What players play otherwise than pretty_midi reads it, of all hostile files. */
const PLAYED_OTHERWISE = {
  'd21-more-tracks-than-declared.mid': ['undeclared-tracks'], // Its notes stand in the second track, of one declared.
};

describe.skipIf(suite.missing)(
  `the suite's hostile files${suite.missing ? ` (${suite.missing})` : ''}, as played`,
  () => {
    it('differ from pretty_midi where tracks are not declared, and nowhere else', () => {
      const differing = references(join(suite.path, 'hostile')).flatMap(({ name, bytes, reference }) => {
        if (reference.class === 'refuse') return [];
        const [played, pretty] = [readMidi(bytes), readMidi(bytes, { compat: 'pretty_midi' })];
        const same = JSON.stringify(inItsWords(played)) === JSON.stringify(inItsWords(pretty));
        return same ? [] : [[name, played.problems.map(({ code }) => code)] as const];
      });
      expect(Object.fromEntries(differing)).toEqual(PLAYED_OTHERWISE);
    });
  },
);

describe.skipIf(suite.missing)(`the suite's hostile files${suite.missing ? ` (${suite.missing})` : ''}`, () => {
  for (const { name, bytes, reference } of suite.missing ? [] : references(join(suite.path, 'hostile'))) {
    it(`${name} (${reference.class})`, () => {
      const before = performance.now();
      if (reference.class === 'refuse') {
        const code = reference.why?.split(':')[0];
        expect(() => readMidi(bytes, { compat: 'pretty_midi' })).toThrow(
          expect.objectContaining({ name: 'MidiError', code }) as MidiError,
        );
      } else {
        const file = readMidi(bytes, { compat: 'pretty_midi' });
        expectAsReference(file, reference, name);
        if (reference.class === 'salvage') expect(file.problems.length).toBeGreaterThan(0);
      }
      expect(performance.now() - before).toBeLessThan(1000);
    });
  }
});
