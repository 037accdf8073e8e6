import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEtude } from '../run-etude.ts';
import { EPOCHS, SMALL, writeSpace } from '../sweep/sweeps.ts';
import { folderWithMusic } from '../tiny-music.ts';

describe('etude sweep refuses, before anything is written,', () => {
  it.each([
    ['', /sweep: name the folder to write with --out/],
    ['--out OUT', /sweep: name the music/],
    ['MUSIC --out OUT', /sweep: name the file with the settings to draw from with --space/],
    ['MUSIC --out OUT --space nowhere.json', /nowhere\.json: the space cannot be read/],
    ['MUSIC --out OUT --space SPACE --reduction 2', /--reduction has no effect without --method asha/],
    [
      'MUSIC --out OUT --space SPACE --method asha --epochs 3',
      /--epochs: with --method asha the rungs say how long runs train/,
    ],
    [
      'MUSIC --out OUT --space SPACE --method asha --runs 15',
      /of 15 none would reach the last of 3 rungs \(250, 1,000, 4,000 steps\).*at least 16/,
    ],
    [
      'MUSIC --out OUT --space SPACE --method asha --least-steps 9 --most-steps 8',
      /--least-steps: expected at most --most-steps/,
    ],
    ['MUSIC --out OUT --space SPACE --method grid', /"dropout": a grid takes values, not a whole range: add "steps"/],
    ['MUSIC --out OUT --resume', /--resume the music is that of the sweep/],
    ['--out OUT --resume --seed 3', /--seed contradicts --resume: a sweep goes on as it began/],
    ['--out OUT --resume', /there is no sweep to go on with/],
  ])('%s', async (line, message) => {
    const { base, music } = folderWithMusic();
    const out = join(base, 'out');
    const words = { MUSIC: music, OUT: out, SPACE: writeSpace(base) };
    const argv = line.split(' ').filter((word) => word !== '').map((word) => words[word as keyof typeof words] ?? word); // prettier-ignore
    const { code, stdout, stderr } = await runEtude('sweep', ...argv, ...(line.includes('SPACE') ? ['--cache', 'none', '--preset', 'quick'] : [])); // prettier-ignore
    expect(stderr).toMatch(message);
    expect([code === 1 || code === 2, stdout, existsSync(out)]).toEqual([true, '', false]);
  });

  it('a folder that is not empty, a space that makes no sense, music that is no more what it was', async () => {
    const { base, music } = folderWithMusic();
    const full = join(base, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'notes.txt'), '');
    const sweep = (...argv: string[]) => runEtude('sweep', ...argv);
    const small = [...SMALL, ...EPOCHS];
    expect((await sweep(music, '--space', writeSpace(base), '--out', full, ...small)).stderr).toContain('the folder is not empty'); // prettier-ignore
    const odd = writeSpace(base, { 'hidden-size': [4, 0] });
    expect((await sweep(music, '--space', odd, '--out', join(base, 'new'), ...small)).stderr).toMatch(/space\.json: "hidden-size": expected a whole number/); // prettier-ignore
    const ends = writeSpace(base, { ends: [true, false] });
    expect((await sweep(music, '--space', ends, '--out', join(base, 'new'), ...small)).stderr).toMatch(/a run of --ends makes no sense/); // prettier-ignore
  });
});
