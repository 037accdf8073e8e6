import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/nn/index.ts';
import { LogFile } from '../../../src/cli/log-file.ts';
import { readCheckpoint } from '../../../src/cli/run-folder.ts';
import { contents, digest } from '../folder-contents.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { folderWithMusic, midiBytes, TINY_SILENT, trainTiny, tune, useTinyRun } from '../tiny-music.ts';

/** A finished run of three epochs, with its music beside it. */
const tinyRun = useTinyRun();

describe('going on with a run', () => {
  const digestOf = (run: string, name: string): string => digest(join(run, name));

  it('ends with the bytes of a run that was never stopped', async () => {
    const whole = await tinyRun();
    const half = await trainTiny('--max-steps', '6');
    expect(half.ran.stderr).toMatch(/Stopped after 6 steps, as requested/);
    const resumed = await runEtude('train', '--out', half.run, '--resume', '--max-steps', 'none');
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('after step 6, in epoch 2; from here on with --max-steps none');
    for (const name of ['last.safetensors', 'generated.mid'])
      expect(digestOf(half.run, name)).toEqual(digestOf(whole.run, name));
    // The settings in it are those of the time when it was saved.
    expect(readCheckpoint(half.run).parameters['lstm.0.kernel']).toEqual(
      readCheckpoint(whole.run).parameters['lstm.0.kernel'],
    );
  });

  it('goes further with more epochs, as if they had been asked for at first', async () => {
    const whole = await tinyRun();
    const short = await trainTiny('--epochs', '2');
    expect((await runEtude('train', '--out', short.run, '--resume', '--epochs', '3')).code).toBe(0);
    expect(digestOf(short.run, 'last.safetensors')).toEqual(digestOf(whole.run, 'last.safetensors'));
    const log = new LogFile(join(short.run, 'log.jsonl')).read();
    expect(log.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(log.filter(({ event }) => event === 'resume')).toMatchObject([{ step: 8 }]);
  });

  it('drops what was logged after the checkpoint, and adds the epoch that was not logged', async () => {
    const { run } = await tinyRun();
    const path = join(run, 'log.jsonl');
    const lines = readFileSync(path, 'utf8').trim().split('\n').filter((line) => !line.includes('"epoch":3')); // prettier-ignore
    writeFileSync(path, [...lines, '{"event":"step","step":99}', '{"event":"st'].join('\n'));
    expect((await runEtude('train', '--out', run, '--resume')).code).toBe(0);
    const log = new LogFile(path).read();
    expect(log.filter(({ step }) => step === 99)).toEqual([]);
    expect(log.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  });

  it('begins anew where nothing had been saved', async () => {
    const { run } = await tinyRun();
    const before = digestOf(run, 'last.safetensors');
    for (const name of ['best.safetensors', 'last.safetensors']) rmSync(join(run, name));
    const { code, stderr } = await runEtude('train', '--out', run, '--resume');
    expect(code).toBe(0);
    expect(stderr).toContain('nothing had been saved yet');
    expect(digestOf(run, 'last.safetensors')).toEqual(before);
  });

  it('needs neither config.json nor the old place of the data when the data are named', async () => {
    const { run, music, base } = await trainTiny('--epochs', '1');
    renameSync(music, join(base, 'moved'));
    const lost = await runEtude('train', '--out', run, '--resume', '--epochs', '2');
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining(`${music} does not exist`) as string });
    rmSync(join(run, 'config.json'));
    const found = await runEtude('train', join(base, 'moved'), '--out', run, '--resume', '--epochs', '2', '--threads', '1', '--backend', 'reference'); // prettier-ignore
    expect(found.code).toBe(0);
    expect(existsSync(join(run, 'config.json'))).toBe(true);
  });

  it.each([
    [['--hidden-size', '16'], 2, /--hidden-size: the run was begun with 8 and cannot go on with 16/],
    [['--seed', '1'], 2, /--seed: the run was begun with 42/],
    [['--preset', 'tutorial'], 2, /--preset: the run was begun with quick/],
    [['--force'], 2, /--resume contradicts --force/],
  ])('refuses %o, which would make another run of it', async (more, expected, message) => {
    const { run } = await tinyRun();
    const before = contents(run);
    const { code, stderr } = await runEtude('train', '--out', run, '--resume', ...more);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(contents(run)).toEqual(before);
  });

  it('warns when more epochs make the rate of a cosine jump, and can lay it anew instead', async () => {
    const { run } = await trainTiny('--epochs', '1', '--schedule', 'cosine', '--learning-rate', '0.01');
    const more = ['train', '--out', run, '--resume', '--epochs', '2'];
    const anew = await runEtude(...more, '--schedule-from', 'here');
    expect(anew.code).toBe(0);
    expect(anew.stderr).not.toContain('jumps');
    expect(readCheckpoint(run).training!.trainer.cosine).toEqual({ step: 4, scale: expect.closeTo(0.01, 9) as number });
    const jumping = await trainTiny('--epochs', '1', '--schedule', 'cosine', '--learning-rate', '0.01');
    const { code, stderr } = await runEtude('train', '--out', jumping.run, '--resume', '--epochs', '2');
    expect(code).toBe(0);
    expect(stderr).toMatch(/rate jumps from 0\.0001 to 0\.0\d+, because the cosine now spans 2 epochs/);
    expect(stderr).toMatch(/--resume --epochs 2 --schedule-from here --learning-rate 0\.0001/);
  });

  it('does the same for a line that ends at a number of steps', async () => {
    const line = ['--epochs', 'none', '--max-steps', '6', '--schedule', 'linear', '--learning-rate', '0.01'];
    const { run, ran } = await trainTiny(...line);
    expect(ran.stderr).toContain('Stopped after 6 steps, as requested; the weights of epoch 2 are kept.');
    const { code, stderr } = await runEtude('train', '--out', run, '--resume', '--max-steps', '12');
    expect(code).toBe(0);
    expect(stderr).toMatch(/rate jumps from 0\.0001 to 0\.0\d+, because the line now spans 12 steps/);
    expect(stderr).toMatch(/--resume --max-steps 12 --schedule-from here --learning-rate 0\.0001/);
  });

  it('goes on from where --until paused it to the bytes of a run that never paused', async () => {
    const { music, base } = folderWithMusic();
    const [paused, whole] = [join(base, 'paused'), join(base, 'whole')];
    const train = (...argv: string[]) => runEtude('train', ...argv, '--json');
    const first = await train(music, '--out', paused, ...TINY_SILENT, '--until', '6');
    expect([first.code, first.stdout.split('\n').at(-2)]).toEqual([0, '{"event":"paused","step":6}']);
    expect(existsSync(join(paused, 'report.html'))).toBe(false);
    expect((await train('--out', paused, '--resume', '--until', '8')).stdout).toContain('"paused","step":8');
    expect((await train('--out', paused, '--resume')).stdout).toContain('"reason":"completed"');
    await train(music, '--out', whole, ...TINY_SILENT);
    for (const name of ['best.safetensors', 'last.safetensors']) {
      expect(readFileSync(join(paused, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
    }
  });

  it('is refused for a run whose preset is not known, before anything changes', async () => {
    const { run } = await trainTiny('--epochs', '1');
    for (const kind of ['last', 'best']) {
      const path = join(run, `${kind}.safetensors`);
      const checkpoint = decodeCheckpoint(readFileSync(path));
      writeFileSync(path, encodeCheckpoint({ ...checkpoint, extra: { ...checkpoint.extra, preset: 'qeick' } }));
    }
    const before = contents(run);
    const { code, stdout, stderr } = await runEtude('train', '--out', run, '--resume', '--epochs', '2');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/its preset is "qeick", .*; expected songbook, quick, performance or tutorial\./);
    expect(contents(run)).toEqual(before);
  });

  it('goes on by the clock, where minutes alone are the end', async () => {
    const { run } = await tinyRun();
    const { code, stderr } = await runEtude(
      'train',
      '--out',
      run,
      '--resume',
      '--minutes',
      '0.001',
      '--patience',
      'none',
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/Resumed .*from here on with --patience none --minutes 0\.001 --epochs none/);
    expect(stderr).toMatch(/Stopped when its time was over, after \d+ epochs/);
    const { trainer } = decodeCheckpoint(readFileSync(join(run, 'last.safetensors'))).training!;
    expect(trainer.seconds).toBeGreaterThanOrEqual(0.06);
    const endless = await runEtude('train', '--out', run, '--resume', '--minutes', 'none');
    expect(endless).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--epochs: with "none", say with --max-steps or --minutes/) as string,
    });
  });

  it('refuses a run that was trained on copies, and says why; its model plays', async () => {
    const { run } = await trainTiny('--epochs', '1', '--transpose', '2');
    for (const name of ['best.safetensors', 'last.safetensors']) {
      const checkpoint = decodeCheckpoint(readFileSync(join(run, name)));
      delete checkpoint.training!.trainer.windows.varied;
      writeFileSync(join(run, name), encodeCheckpoint(checkpoint));
    }
    const resumed = await runEtude('train', '--out', run, '--resume', '--epochs', '2');
    expect(resumed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/trained on copies of the pieces .* start a new run/s) as string,
    });
    expect(await runEtude('generate', run, '--out', join(run, 'new.mid'), '--notes', '5')).toMatchObject({ code: 0 });
  });

  it('refuses to lay a schedule anew where there is none to lay, or no run to go on with', async () => {
    const { run } = await tinyRun();
    const plateau = await runEtude('train', '--out', run, '--resume', '--epochs', '5', '--schedule-from', 'here');
    expect(plateau).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/schedule of this run is plateau; only cosine and linear/) as string,
    });
    const fresh = await runEtude('train', 'music', '--out', join(run, 'new'), '--schedule-from', 'here');
    expect(fresh).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--schedule-from has no effect without --resume/) as string,
    });
  });

  it('refuses other music, and says how it differs', async () => {
    const { run, music } = await tinyRun();
    writeFileSync(join(music, 'piece-0.mid'), midiBytes(tune(30, 70)));
    const before = contents(run);
    const { code, stderr } = await runEtude('train', music, '--out', run, '--resume', '--epochs', '5');
    expect(code).toBe(1);
    expect(stderr).toMatch(/the music is not what the run was begun with: .*1 are missing or changed, and 1 are new/);
    expect(contents(run)).toEqual(before);
  });

  it('refuses a folder without a run, and a checkpoint that is torn', async () => {
    expect(await runEtude('train', '--out', temporaryFolder(), '--resume')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no run to go on with') as string,
    });
    const { run } = await tinyRun();
    writeFileSync(join(run, 'last.safetensors'), readFileSync(join(run, 'last.safetensors')).subarray(0, 5000));
    const torn = await runEtude('train', '--out', run, '--resume');
    expect(torn).toMatchObject({ code: 1, stderr: expect.stringContaining('last.safetensors: ') as string });
  });
});
