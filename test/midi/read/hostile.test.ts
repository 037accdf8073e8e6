import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MidiError } from '../../../src/midi/read/midi-error.ts';
import { severityOf, type ProblemCode } from '../../../src/midi/read/problems.ts';
import { readMidi } from '../../../src/midi/read/read-midi.ts';
import type { MidiFile } from '../../../src/midi/types.ts';
import { cases, type Expected } from '../../fixtures/hostile/make.mjs';

const folder = resolve(import.meta.dirname, '../../fixtures/hostile');
const table = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
  string,
  Expected & { about: string }
>;

function rows(file: MidiFile): Expected['instruments'] {
  return file.instruments.map(({ program, isDrum, name, notes }) => ({
    program,
    isDrum,
    name,
    notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
  }));
}

describe('the hostile files', () => {
  it('are all listed, and are what the script makes', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.mid'));
    expect(files.sort()).toEqual(
      Object.keys(table)
        .map((name) => `${name}.mid`)
        .sort(),
    );
    for (const { name, about, bytes, expected } of cases) {
      expect([...readFileSync(join(folder, `${name}.mid`))], name).toEqual(bytes);
      expect(table[name], name).toEqual(JSON.parse(JSON.stringify({ about, ...expected })));
    }
  });

  it('bring about every problem that the reader can report', () => {
    const met = new Set(
      Object.values(table).flatMap(({ problems = [], player }) => [...problems, ...(player?.problems ?? [])]),
    );
    expect([...met].sort()).toEqual(Object.keys(severityOf).sort());
  });

  for (const [name, { about, player, ...expected }] of Object.entries(table)) {
    const bytes = readFileSync(join(folder, `${name}.mid`));
    it(`${name}, as pretty_midi reads it: ${about}`, () => {
      expectReading(bytes, 'pretty_midi', expected);
    });

    it(`${name}, as players play it: ${about}`, () => {
      expectReading(bytes, undefined, player ?? expected);
    });
  }
});

function expectReading(bytes: Uint8Array, compat: 'pretty_midi' | undefined, expected: Omit<Expected, 'player'>): void {
  const { refuse, instruments, problems, ...more } = expected;
  const before = performance.now();
  if (refuse !== undefined) {
    expect(() => readMidi(bytes, { compat })).toThrow(
      expect.objectContaining({ name: 'MidiError', code: refuse }) as MidiError,
    );
  } else {
    const file = readMidi(bytes, { compat });
    expect(rows(file)).toEqual(instruments);
    expect(file.problems.map(({ code }) => code)).toEqual(problems);
    for (const { code, severity } of file.problems) expect(severity).toBe(severityOf[code as ProblemCode]);
    expect(file).toMatchObject(more);
  }
  expect(performance.now() - before).toBeLessThan(1000);
}
