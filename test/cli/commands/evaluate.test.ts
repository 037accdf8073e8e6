import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEtude } from '../run-etude.ts';
import { midiBytes, tune, useTinyRun } from '../tiny-music.ts';

const tinyRun = useTinyRun();
const engine = ['--threads', '1', '--backend', 'reference'];

interface Result {
  split: string;
  pieces: number;
  trainedOn: number;
  windows: number;
  loss: number;
  heads: { name: string; loss: number; baseline: number; perplexity: number; unit: string }[];
}

async function evaluateJson(...argv: string[]): Promise<Result> {
  const { code, stdout, stderr } = await runEtude('evaluate', ...argv, ...engine, '--json', '--quiet');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Result;
}

describe('etude evaluate', () => {
  it('asks about the pieces that the model was not trained on, and prints losses, baselines and perplexities', async () => {
    const { run, music } = await tinyRun();
    const { code, stdout, stderr } = await runEtude('evaluate', run, music, ...engine);
    expect(code).toBe(0);
    expect(stderr).toContain('Evaluating on 1 piece that it was not trained on');
    expect(stdout).toMatch(
      /^Head +Loss +Without context +Perplexity +Unit\npitch +\d+\.\d{4} +\d+\.\d{4} +\d+\.\d\d +nats\nstep/,
    );
    expect(stdout).toMatch(/Weighted loss \d+\.\d{4}; 24 windows, reference\./);
    expect(stdout).toMatch(/as unsure of the pitch as among/);
  });

  it('agrees with the validation at the end of the training', async () => {
    const { run, music, ran } = await tinyRun();
    const { loss, heads, windows } = await evaluateJson(run, music);
    expect(windows).toBe(24);
    const [, quoted] = /Loss (\d+\.\d+) against/.exec(ran.stderr)!;
    expect(heads[0].loss.toFixed(3)).toBe(quoted);
    expect(heads[0].perplexity).toBeCloseTo(Math.exp(heads[0].loss));
    expect(loss).toBeCloseTo(heads.reduce((sum, head) => sum + head.loss, 0));
  });

  it('takes the side that is asked for by what the model remembers of its training', async () => {
    const { run, music } = await tinyRun();
    writeFileSync(join(music, 'new.mid'), midiBytes(tune(20, 70)));
    const results = await Promise.all(
      ['train', 'validation', 'test', 'all'].map((split) => evaluateJson(run, music, '--split', split)),
    );
    const counts = results.map(({ split, pieces, trainedOn, windows }) => [split, pieces, trainedOn, windows]);
    expect(counts).toEqual([['train', 3, 3, 72], ['validation', 1, 0, 24], ['test', 1, 0, 14], ['all', 5, 3, 110]]); // prettier-ignore
    expect(await evaluateJson(run, music)).toMatchObject({ split: 'untrained', pieces: 2, trainedOn: 0 });
  });

  it('says so when the model was trained on what it is asked about', async () => {
    const { run, music } = await tinyRun();
    const { stderr } = await runEtude('evaluate', run, music, ...engine, '--split', 'all');
    expect(stderr).toContain('The model was trained on 3 of these 4 pieces');
  });

  it('takes the validation side of data with a split of their own, or the side that is asked for', async () => {
    const { run, base } = await tinyRun();
    const maestro = join(base, 'maestro');
    mkdirSync(maestro);
    const row = (file: string, split: string) => `A,B,${split},2000,${file},,1`;
    const rows = [row('a.mid', 'train'), row('b.mid', 'validation'), row('c.mid', 'test')];
    const head = 'canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration';
    writeFileSync(join(maestro, 'maestro-v2.0.0.csv'), [head, ...rows, ''].join('\n'));
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      writeFileSync(join(maestro, `${name}.mid`), midiBytes(tune(10 + i, 70 + i)));
    }
    expect(await evaluateJson(run, maestro)).toMatchObject({ split: 'validation', windows: 5 });
    expect(await evaluateJson(run, maestro, '--split', 'test')).toMatchObject({ split: 'test', windows: 6 });
    expect(await evaluateJson(run, maestro, '--split', 'all', '--windows', '3')).toMatchObject({
      pieces: 3,
      windows: 3,
    });
  });

  it.each([
    [['MISSING', 'MUSIC'], 1, /no such file or folder/],
    [['RUN', 'MISSING'], 1, /does not exist/],
    [['RUN', 'EMPTY'], 1, /no MIDI files/],
    [['RUN', 'MUSIC', '--split', 'test'], 1, /none of the 4 pieces is on the side "test"/],
    [['RUN', 'MUSIC', '--split', 'dev'], 2, /Expected all, train, validation or test/],
    [['RUN', 'MUSIC', '--windows', '0'], 2, /Expected a whole number/],
    [['RUN', 'MUSIC', '--threads', '2'], 2, /--threads/],
    [['RUN'], 2, /missing required argument 'data'/],
  ])('refuses %o with code %d', async (argv, expected, message) => {
    const { run, music, base } = await tinyRun();
    mkdirSync(join(base, 'empty'));
    const words: Record<string, string> = {
      RUN: run,
      MUSIC: music,
      MISSING: join(base, 'nothing'),
      EMPTY: join(base, 'empty'),
    };
    const { code, stdout, stderr } = await runEtude(
      'evaluate',
      ...argv.map((word) => words[word] ?? word),
      '--backend',
      'reference',
    );
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
