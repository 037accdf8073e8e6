import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cases } from '../../fixtures/hostile/make.mjs';
import { fuzz } from '../../support/midi-fuzz.ts';
import { sharedData } from '../../support/shared-data.ts';

const seed = Number(process.env.ETUDE_SEED ?? 20_260_102);

describe('readMidi on very many mutated files', () => {
  it('gives sane notes or a MidiError for 300,000 mutations of the hostile files', () => {
    const tally = fuzz(
      cases.map(({ bytes }) => Uint8Array.from(bytes)),
      300_000,
      seed,
    );
    expect(tally.faults).toEqual([]);
    expect(tally.slowestMs).toBeLessThan(1000);
  });

  const suite = sharedData('midi-suite');
  it.skipIf(suite.missing)(`gives the same for 3,500 mutations of real files (${suite.missing || suite.path})`, () => {
    const folder = suite.path;
    const names = readdirSync(folder).filter((name) => name.endsWith('.mid'));
    const files = names.map((name) => readFileSync(join(folder, name))).filter(({ length }) => length < 60_000);
    expect(files.length).toBeGreaterThan(50);
    const tally = fuzz(files, 3500, seed);
    expect(tally.faults).toEqual([]);
    expect(tally.slowestMs).toBeLessThan(1000);
  });
});
