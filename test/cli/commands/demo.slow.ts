import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextFree } from '../../../src/cli/commands/demo.ts';
import { readMusicModel } from '../../../src/cli/run-folder.ts';
import { decodeWav, readMidiFile } from '../../../src/midi/node.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('etude demo', () => {
  it(
    'trains on the songbook, and leaves new music, its sound, the report and the model',
    { timeout: 60_000 },
    async () => {
      const run = join(temporaryFolder(), 'run');
      const engine = ['--threads', '1', '--soundfont', 'none'];
      const { code, stdout, stderr } = await runEtude('demo', '--out', run, '--max-steps', '2', ...engine);
      expect(code).toBe(0);
      expect(stdout).toBe('');
      expect(readdirSync(run)).toEqual(expect.arrayContaining(['generated.mid', 'generated.wav', 'report.html']));
      const { instruments, endTime } = readMidiFile(join(run, 'generated.mid'));
      // A model that has learned nothing ends where it likes.
      expect(instruments[0].notes.length).toBeGreaterThan(0);
      const { channels, sampleRate } = decodeWav(readFileSync(join(run, 'generated.wav')));
      expect(channels[0].length / sampleRate).toBeGreaterThan(endTime);
      expect(readMusicModel(run)).toMatchObject({ preset: 'songbook', settings: { transpose: 6, time: 'beats' } });
      expect(stderr).toMatch(/2\d pieces to learn from: .*each moved anew by up to 6 semitones whenever it is used\n/);
      expect(stderr).toMatch(/as uncertain of the pitch as among [\d.]+ equally likely keys.*\(Loss .* nats\.\)/);
      for (const name of ['generated.mid', 'generated.wav', 'report.html']) expect(stderr).toContain(join(run, name));
      expect(stderr).toContain(`npx etude generate ${run} --out new.mid`);
    },
  );

  it('refuses a folder that holds something, before it begins', async () => {
    const run = temporaryFolder();
    writeFileSync(join(run, 'thesis.doc'), '');
    const { code, stderr } = await runEtude('demo', '--out', run);
    expect(code).toBe(1);
    expect(stderr).toContain('the folder is not empty');
    expect(readdirSync(run)).toEqual(['thesis.doc']);
  });
});

it('the next free run folder follows those that are there', () => {
  const base = join(temporaryFolder(), 'songbook');
  expect(nextFree(base)).toBe(`${base}-1`);
  mkdirSync(`${base}-1`);
  writeFileSync(`${base}-2`, '');
  expect(nextFree(base)).toBe(`${base}-3`);
});
