import { copyFileSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generate } from '../../src/cli/model-commands-table.ts';
import { readingOf, withReading } from '../../src/cli/reading-options.ts';
import { runEtude } from './run-etude.ts';
import { TINY_SILENT, trainTiny, useTinyRun } from './tiny-music.ts';

/** Twice as long for a player as for pretty_midi. */
const SLOW = resolve(import.meta.dirname, '../fixtures/cases/b-tempo-in-track1.mid');

const tinyRun = useTinyRun();

async function jsonOf(...argv: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await runEtude(...argv, '--json');
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
}

describe('--compat pretty_midi', () => {
  it('reads as pretty_midi for inspect and listen; without it they go by what a player plays', async () => {
    const { base } = await tinyRun();
    const listen = [
      'listen',
      SLOW,
      '-o',
      join(base, 'a.wav'),
      '--force',
      '--soundfont',
      'none',
      '--sample-rate',
      '8000',
    ];
    const secondsOf = async (...more: string[]) => [
      Math.round((await jsonOf('inspect', SLOW, ...more)).endTime as number),
      Math.floor((await jsonOf(...listen, ...more)).seconds as number),
    ];
    expect(await secondsOf()).toEqual([15, 16]);
    expect(await secondsOf('--compat', 'pretty_midi')).toEqual([8, 8]);
    const { code, stderr } = await runEtude('inspect', SLOW, '--compat', 'mido');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Expected pretty_midi or none')]);
  });

  it('is kept in the run, and new music is read as it was for the training', async () => {
    const { run, base } = await trainTiny('--compat', 'pretty_midi');
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { settings: { compat: unknown } };
    expect(config.settings.compat).toBe('pretty_midi');
    copyFileSync(SLOW, join(base, 'slow.mid'));
    const lossOf = async (...more: string[]) =>
      (await jsonOf('evaluate', run, join(base, 'slow.mid'), '--backend', 'reference', '--threads', '1', ...more)).loss;
    const trained = await lossOf();
    expect(await lossOf('--compat', 'pretty_midi')).toBe(trained);
    expect(await lossOf('--compat', 'none')).not.toBe(trained);
    const drawn = async (...more: string[]) => {
      const out = join(base, 'new.mid');
      expect(
        (await runEtude('generate', run, '-o', out, '--force', '--primer', SLOW, '--include-primer', ...more)).code,
      ).toBe(0);
      return readFileSync(out).toString('hex');
    };
    const asTrained = await drawn();
    expect(await drawn('--compat', 'pretty_midi')).toBe(asTrained);
    expect(await drawn('--compat', 'none')).not.toBe(asTrained);
    const durationOf = async (...more: string[]) =>
      ((await jsonOf('study', run, SLOW, ...more)).song as { seconds: number }).seconds;
    expect(await durationOf('--compat', 'none')).toBeGreaterThan(1.9 * (await durationOf()));
  });
});

describe('--compat of generate', () => {
  it('has the words of the tutorial and of the reading, alone or together', () => {
    const parse = generate.options.compat.parse!;
    expect(parse('tutorial')).toEqual({ tutorial: true, reading: undefined });
    expect(parse('pretty_midi')).toEqual({ tutorial: false, reading: 'pretty_midi' });
    expect(parse('pretty_midi, tutorial')).toEqual({ tutorial: true, reading: 'pretty_midi' });
    expect(parse('tutorial,none')).toEqual({ tutorial: true, reading: 'none' });
    for (const wrong of [
      '',
      'tutorial,',
      'tutorial,tutorial',
      'pretty_midi,none',
      'mido',
      'none,tutorial,pretty_midi',
    ]) {
      expect(() => parse(wrong), wrong).toThrow(/Expected tutorial, pretty_midi or none/);
    }
  });

  it('says that a reading is of a primer, where none is given', async () => {
    const { run, base } = await tinyRun();
    const { code, stderr } = await runEtude('generate', run, '-o', join(base, 'a.mid'), '--compat', 'pretty_midi');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--primer FILE; give one')]);
  });
});

describe('the limits of MIDI files', () => {
  it.each([
    ['--max-hours', '0.001', '0.01'],
    ['--max-notes', '29', '30'],
    ['--max-bytes', '322', '323'],
  ])('%s refuses a file and says how to allow more; the advice can be followed', async (flag, less, enough) => {
    const refused = await runEtude('inspect', SLOW, flag, less);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(new RegExp(`at most .*allow more: ${flag} on the command line`));
    expect((await runEtude('inspect', SLOW, flag, enough)).code).toBe(0);
  });

  it('hold for training, where the file is left out by name', async () => {
    const { base, music } = await tinyRun();
    copyFileSync(SLOW, join(music, 'slow.mid'));
    const train = ['train', music, '--out', join(base, 'other'), ...TINY_SILENT, '--cache', join(base, 'cache')];
    const { code, stderr } = await runEtude(...train, '--max-hours', '0.004');
    expect(code).toBe(0);
    expect(stderr).toMatch(/slow\.mid is left out: A note ends after 0\.00\d+ hours/);
    expect((await runEtude(...train, '--force')).stderr).not.toContain('left out');
    expect((await runEtude(...train, '--force', '--max-hours', '0.004')).stderr).toContain('slow.mid is left out');
  });
});

it('the reading is what the options say, else what the model was trained with', () => {
  const trained = { compat: 'pretty_midi', charset: 'shift_jis' } as const;
  const limits = { maxHours: 1, maxNotes: 2, maxBytes: 3 };
  expect(readingOf({ compat: undefined, charset: undefined, ...limits })).toEqual(limits);
  expect(readingOf({ compat: undefined, charset: undefined, ...limits }, trained)).toEqual({ ...trained, ...limits });
  expect(readingOf({ compat: 'none', charset: 'auto', ...limits }, trained)).toEqual({ charset: 'auto', ...limits });
  expect(withReading({ ...trained, files: 3 }, { compat: 'none', charset: undefined, ...limits })).toEqual({
    compat: null,
    charset: 'shift_jis',
    files: 3,
  });
});
