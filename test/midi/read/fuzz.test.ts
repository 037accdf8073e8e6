import { describe, expect, it } from 'vitest';
import { cases } from '../../fixtures/hostile/make.mjs';
import { fuzz, mutate, seededRandom } from '../../support/midi-fuzz.ts';

const files = cases.map(({ bytes }) => Uint8Array.from(bytes));

describe('readMidi on mutated files', () => {
  it('gives sane notes or a MidiError, and never takes long', () => {
    const tally = fuzz(files, 6000, 20_260_101);
    expect(tally.faults).toEqual([]);
    expect(tally.slowestMs).toBeLessThan(1000);
    // The mutations must leave enough to read, and break enough to refuse.
    expect(tally.read).toBeGreaterThan(3000);
    expect(tally.refused).toBeGreaterThan(300);
    expect(tally.notes).toBeGreaterThan(3000);
  });

  it('is given the same files by the same seed', () => {
    const mutants = (seed: number) => {
      const random = seededRandom(seed);
      return files.map((file) => mutate(file, random));
    };
    expect(mutants(1)).toEqual(mutants(1));
    expect(mutants(1)).not.toEqual(mutants(2));
  });
});
