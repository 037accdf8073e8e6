import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, readMusicModel, writeCheckpoint } from '../../../src/cli/run-folder.ts';
import { originOf, PRESETS } from '../../../src/music/index.ts';
import { contents, digest } from '../folder-contents.ts';
import { runEtude } from '../run-etude.ts';
import { midiBytes, tune, useTinyRun, type TinyRun } from '../tiny-music.ts';

/** A run, and the music on which it is to be trained on: tunes in other keys. */
const tinyRun = useTinyRun();

const ENGINE = ['--threads', '1', '--backend', 'reference'];

async function withOthers(): Promise<TinyRun & { others: string; next: string }> {
  const tiny = await tinyRun();
  const others = join(tiny.base, 'others');
  mkdirSync(others);
  for (let k = 0; k < 3; k++) writeFileSync(join(others, `other-${k}.mid`), midiBytes(tune(40, 62 + k)));
  return { ...tiny, others, next: join(tiny.base, 'next') };
}

const configOf = (run: string) =>
  JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as {
    preset: string;
    from?: object;
    settings: Record<string, unknown>;
  };

describe('etude train --from', () => {
  it('begins with the weights and the codec of a model, and records which that was', async () => {
    const { run, others, next } = await withOthers();
    const args = ['train', others, '--from', run, '--out', next, ...ENGINE, '--learning-rate', '1e-30'];
    const { code, stderr } = await runEtude(...args);
    expect(code).toBe(0);
    const best = join(run, 'best.safetensors');
    expect(stderr).toMatch(new RegExp(`From +${best}\n`));
    const [old, made] = [readMusicModel(run), readMusicModel(next)];
    expect(made.parameters).toEqual(old.parameters);
    expect(made.codec.spec).toEqual(old.codec.spec);
    expect(made.data.train).not.toEqual(old.data.train);
    expect(made.from).toEqual(originOf(old, best));
    expect(configOf(next).from).toEqual({ path: best, digest: made.from!.digest });
    expect(readFileSync(join(next, 'report.html'), 'utf8')).toContain('the weights of ');
  });

  it('takes the settings of the model with a third of the rate, those of a preset, or what is said', async () => {
    const { run, others, next } = await withOthers();
    const train = async (...more: string[]) => {
      const args = [
        'train',
        others,
        '--from',
        run,
        '--out',
        next,
        '--force',
        ...ENGINE,
        '--no-sample',
        '--max-steps',
        '1',
      ];
      expect((await runEtude(...args, ...more)).code).toBe(0);
      return configOf(next);
    };
    const own = configOf(run).settings;
    const plain = await train();
    const rate = Number((PRESETS.quick.learningRate / 3).toPrecision(3));
    expect(plain).toMatchObject({ preset: 'quick', settings: { ...own, learningRate: rate, maxSteps: 1 } });
    const tutorial = await train('--preset', 'tutorial', '--batch-size', '4');
    const { patience, clip } = PRESETS.tutorial;
    expect(tutorial).toMatchObject({ preset: 'tutorial', settings: { hiddenSize: 8, step: 'bins', patience, clip, batchSize: 4 } }); // prettier-ignore
  });

  it('goes on with --resume to the bytes of a run that was never stopped, without the model', async () => {
    const { run, others, base } = await withOthers();
    const [whole, half] = [join(base, 'whole'), join(base, 'half')];
    const train = (out: string, ...more: string[]) =>
      runEtude('train', others, '--from', run, '--out', out, ...ENGINE, '--sample-notes', '5', ...more);
    await train(whole);
    await train(half, '--max-steps', '5');
    rmSync(run, { recursive: true });
    const { code, stderr } = await runEtude('train', '--out', half, '--resume', '--max-steps', 'none');
    expect([code, stderr]).toEqual([0, expect.stringContaining('after step 5')]);
    for (const name of ['last.safetensors', 'generated.mid'])
      expect(digest(join(half, name))).toBe(digest(join(whole, name)));
    expect(configOf(half).from).toEqual(configOf(whole).from);
  });

  it('begins anew where nothing had been saved, if the model is still what it was', async () => {
    const { run, others, next } = await withOthers();
    await runEtude('train', others, '--from', run, '--out', next, ...ENGINE, '--no-sample');
    const last = join(next, 'last.safetensors');
    const before = digest(last);
    const unsave = (): void => ['best.safetensors', 'last.safetensors'].forEach((name) => rmSync(join(next, name)));
    unsave();
    expect((await runEtude('train', '--out', next, '--resume')).code).toBe(0);
    expect(digest(last)).toBe(before);
    unsave();
    const checkpoint = readCheckpoint(run);
    const parameters = { ...checkpoint.parameters, 'heads.pitch.bias': new Float32Array(128) };
    writeCheckpoint(join(run, 'best.safetensors'), { ...checkpoint, parameters });
    const other = await runEtude('train', '--out', next, '--resume');
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/best\.safetensors, which holds other weights now/) as string,
    });
  });

  it('says where music is held back that the model was trained on, and evaluate counts that as known', async () => {
    const { run, music, others, next } = await withOthers();
    const args = ['--out', next, ...ENGINE, '--no-sample', '--max-steps', '1'];
    const known = await runEtude('train', music, '--from', run, '--validation', '0.9', ...args);
    expect(known.stderr).toMatch(/The model was trained on [23] of the 3 validation pieces/);
    const unknown = await runEtude('train', others, '--from', run, '--force', ...args);
    expect(unknown.stderr).not.toContain('held back the model was trained on');
    const { stdout } = await runEtude('evaluate', next, music, '--json', ...ENGINE);
    expect(JSON.parse(stdout)).toMatchObject({ pieces: 1 });
  });

  it.each([
    [
      ['--hidden-size', '16'],
      2,
      /--hidden-size: the model has 8 and cannot be trained on with 16: its weights have no other shape/,
    ],
    [['--bins', '7'], 2, /--bins: the model has 6/],
    [['--velocity', 'classes'], 2, /--velocity: the model has none/],
    [['--sustain'], 2, /--sustain: the model has false/],
    [['--resume'], 2, /--from contradicts --resume|--resume contradicts --from/],
  ])('refuses %o, with the reason, and writes nothing', async (more, expected, message) => {
    const { run, others, base, next } = await withOthers();
    const before = contents(base);
    const { code, stderr } = await runEtude('train', others, '--from', run, '--out', next, ...more);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(contents(base)).toEqual(before);
  });

  it('refuses what is no model, before anything is written', async () => {
    const { others, base, next } = await withOthers();
    const { code, stderr } = await runEtude('train', others, '--from', join(base, 'none'), '--out', next);
    expect(code).toBe(1);
    expect(stderr).toContain('there is no such file or folder');
  });
});
