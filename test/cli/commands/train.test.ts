import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { LogFile } from '../../../src/cli/log-file.ts';
import { readCheckpoint, readMusicModel, writeCheckpoint } from '../../../src/cli/run-folder.ts';
import type { RunConfig } from '../../../src/cli/train/run-config.ts';
import { readMidiFile } from '../../../src/midi/node.ts';
import { contents, digest } from '../folder-contents.ts';
import { runEtude, testIo } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { folderWithMusic, midiBytes, TINY, TINY_SILENT, trainTiny, tune, useTinyRun } from '../tiny-music.ts';

/** A finished run of three epochs, with its music beside it. */
const tinyRun = useTinyRun();

describe('etude train', () => {
  it('leaves a run folder with the model, the log, samples and the report', async () => {
    const { run, ran } = await tinyRun();
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(readdirSync(run).sort()).toEqual([
      ...[
        'best.safetensors',
        'config.json',
        'generated.mid',
        'last.safetensors',
        'log.jsonl',
        'report.html',
        'samples',
      ],
    ]);
    expect(readdirSync(join(run, 'samples'))).toEqual(['epoch-001.mid', 'epoch-002.mid']);
    expect(readMidiFile(join(run, 'generated.mid')).instruments[0].notes).toHaveLength(20);
    expect(readMidiFile(join(run, 'samples/epoch-002.mid')).instruments[0].notes).toHaveLength(20);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toMatch(
      /^<!doctype html>[^]*Piano roll[^]*Loss of duration/,
    );
  });

  it('says what it read, how it is divided, the model, the overridden settings, the engine, and the losses of each epoch', async () => {
    const { ran } = await tinyRun();
    expect(ran.stderr).toContain('4 pieces, 120 notes');
    expect(ran.stderr).toContain('3 pieces to learn from: 72 windows of 6 notes');
    expect(ran.stderr).toContain('1 piece held back to validate on (drawn at random): 24 windows');
    expect(ran.stderr).toMatch(
      /Model +[\d,]+ parameters: LSTM of 8, heads pitch \(128\), step \(\d\), duration \(\d\)/,
    );
    expect(ran.stderr).toMatch(/Settings +preset quick, changed by .*--hidden-size 8/);
    expect(ran.stderr).toMatch(/Engine +reference/);
    const epochs = ran.stderr.match(/^Epoch \d\/3 4\/4 .*$/gm)!;
    expect(epochs).toHaveLength(3);
    expect(epochs[0]).toMatch(
      / - loss: .* - pitch: .* - step: .* - duration: .* - val_loss: .* - val_pitch: .* - val_duration: /,
    );
    expect(ran.stderr).toMatch(/as uncertain of the pitch as among [\d.]+ equally likely keys/);
    expect(ran.stderr).toMatch(/run\/generated\.mid +new music\n.*run\/report\.html/);
  });

  it('remembers in config.json and log.jsonl all that led to the run', async () => {
    const { run, music } = await trainTiny('--seed', '7');
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as RunConfig;
    expect(config).toMatchObject({
      format: 'etude-run',
      preset: 'quick',
      settings: { seed: 7, hiddenSize: 8, learningRate: 0.004 },
      data: { sources: [music], splitBy: 'random pieces', leftOut: { skipped: [], duplicates: [], missing: [] } },
      engine: { backend: 'reference', threads: 1, name: 'reference' },
    });
    expect(config.data.train).toHaveLength(3);
    expect(config.data.validation[0].digest).toMatch(/^[0-9a-f]{64}$/);
    const log = new LogFile(join(run, 'log.jsonl')).read();
    expect(log.map(({ event, step }) => [event, step])).toEqual([['begin', 0], ['step', 1], ['epoch', 4], ['epoch', 8], ['epoch', 12], ['end', 12]]); // prettier-ignore
    expect(log[2]).toMatchObject({ epoch: 1, losses: { pitch: expect.any(Number) as number }, learningRate: 0.004 });
  });

  it('trains through gpu.js where it is asked to, and says what ran', async () => {
    const { run, ran } = await trainTiny('--backend', 'gpu-webasm');
    expect(ran.code).toBe(0);
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as RunConfig;
    expect(config.engine).toEqual({ backend: 'gpu-webasm', threads: 1, name: 'gpu.js webasm, fused plan of 1 step' });
    const [theirs, ours] = [await trainTiny(), { run }].map((each) =>
      new LogFile(join(each.run, 'log.jsonl')).read().filter(({ event }) => event === 'epoch'),
    );
    expect(ours).toHaveLength(3);
    ours.forEach((epoch, at) => {
      expect(epoch.loss).toBeCloseTo(theirs[at].loss as number, 3);
    });
  });

  it('prints an object for each epoch and one that sums up with --json, and nothing else', async () => {
    const { run, ran } = await trainTiny('--json', '--quiet');
    expect(ran.stderr).toBe('');
    const lines = ran.stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(lines.map(({ event }) => event)).toEqual(['epoch', 'epoch', 'epoch', 'summary']);
    expect(lines[0]).toMatchObject({
      epoch: 1,
      step: 4,
      validation: { losses: { pitch: expect.any(Number) as number } },
    });
    expect(lines[3]).toMatchObject({
      out: run,
      reason: 'completed',
      epochs: 3,
      steps: 12,
      evaluation: { on: 'validation', windows: 24 },
      sample: { notes: 20, seed: 42 },
      files: { midi: join(run, 'generated.mid'), audio: null },
    });
    const { heads } = lines[3].evaluation as { heads: { name: string; loss: number; perplexity: number }[] };
    expect(heads.map(({ name }) => name)).toEqual(['pitch', 'step', 'duration']);
    expect(heads[0].perplexity).toBeCloseTo(Math.exp(heads[0].loss));
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const [one, same, other] = [await tinyRun(), await trainTiny(), await trainTiny('--seed', '1')];
    const bytesOf = ({ run }: { run: string }, name: string): string => digest(join(run, name));
    for (const name of ['best.safetensors', 'last.safetensors', 'generated.mid', 'samples/epoch-001.mid']) {
      expect(bytesOf(same, name)).toEqual(bytesOf(one, name));
    }
    expect(bytesOf(other, 'best.safetensors')).not.toEqual(bytesOf(one, 'best.safetensors'));
    expect(bytesOf(other, 'generated.mid')).not.toEqual(bytesOf(one, 'generated.mid'));
  });

  it('takes the tutorial preset, and holds nothing back when asked', async () => {
    const { run, ran } = await trainTiny('--preset', 'tutorial', '--validation', '0');
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('nothing is held back');
    expect(readMusicModel(run).codec.spec.pitch).toBe('scalar');
    expect(ran.stderr).toContain('(nothing was held back)');
  });

  it('keeps in config.json which files were left out, and why', async () => {
    const { music, run } = folderWithMusic();
    writeFileSync(join(music, 'torn.mid'), 'MThd');
    copyFileSync(join(music, 'piece-0.mid'), join(music, 'twin.mid'));
    await runEtude('train', music, '--out', run, ...TINY_SILENT);
    const { data } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as { data: { leftOut: unknown } };
    expect(data.leftOut).toEqual({
      skipped: [{ path: join(music, 'torn.mid'), reason: expect.stringMatching(/\w/) as string }],
      duplicates: [{ path: join(music, 'twin.mid'), sameAs: join(music, 'piece-0.mid') }],
      missing: [],
    });
  });

  it('draws no music when asked not to, and plays it when asked to', async () => {
    const silent = folderWithMusic();
    await runEtude('train', silent.music, '--out', silent.run, ...TINY_SILENT);
    expect(existsSync(join(silent.run, 'generated.mid'))).toBe(false);
    expect(readdirSync(join(silent.run, 'samples'))).toEqual([]);
    expect(readFileSync(join(silent.run, 'report.html'), 'utf8')).not.toContain('Piano roll');
    const played = await trainTiny('--listen', '--soundfont', 'none');
    expect(readFileSync(join(played.run, 'generated.wav')).subarray(0, 4).toString()).toBe('RIFF');
    expect(readFileSync(join(played.run, 'report.html'), 'utf8')).toContain('src="generated.wav"');
  });

  it('names the files that it leaves out, and the duplicates', async () => {
    const { music, run } = folderWithMusic();
    writeFileSync(join(music, 'short.mid'), midiBytes(tune(6, 60)));
    writeFileSync(join(music, 'silent.mid'), midiBytes([]));
    writeFileSync(join(music, 'torn.mid'), midiBytes(tune(30, 70)).subarray(0, 100));
    writeFileSync(join(music, 'twice.mid'), midiBytes(tune(30, 55)));
    const { code, stderr } = await runEtude('train', music, '--out', run, ...TINY);
    expect(code).toBe(0);
    expect(stderr).toMatch(/short\.mid is left out: 6 notes, at least 7 are needed\./);
    expect(stderr).toMatch(/silent\.mid is left out: no notes\./);
    expect(stderr).toMatch(/torn\.mid is left out: damaged: /);
    expect(stderr).toMatch(/twice\.mid is left out: it holds the same music as .*piece-0\.mid\./);
    expect(stderr).toContain('4 pieces, 120 notes, 3 left out, 1 the same as another');
  });

  it('keeps what it read where --cache says', async () => {
    const cache = join(temporaryFolder(), 'cache');
    await trainTiny('--cache', cache);
    expect(readdirSync(cache).length).toBeGreaterThan(0);
  });
});

describe('a run folder that is there', () => {
  it('is refused and left as it was, unless forced or resumed', async () => {
    const { run, music } = await tinyRun();
    const before = contents(run);
    const again = await runEtude('train', music, '--out', run, ...TINY, '--seed', '1');
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/a run is already there\. .*--force.*--resume/);
    expect(contents(run)).toEqual(before);
  });

  it('is replaced with --force, but for what is not ours', async () => {
    const { run, music } = await tinyRun();
    writeFileSync(join(run, 'notes.txt'), 'mine');
    writeFileSync(join(run, 'generated.wav'), 'of the old run');
    writeFileSync(join(run, 'samples/epoch-050.mid'), 'of the old run');
    const args = [...TINY, '--seed', '1', '--force', '--epochs', '1'];
    expect((await runEtude('train', music, '--out', run, ...args)).code).toBe(0);
    expect(readMusicModel(run).settings.seed).toBe(1);
    expect(readdirSync(join(run, 'samples'))).toEqual(['epoch-001.mid']);
    expect(existsSync(join(run, 'generated.wav'))).toBe(false);
    expect(readFileSync(join(run, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('is not touched by --force when the data cannot serve', async () => {
    const { run } = await tinyRun();
    const before = contents(run);
    const { code } = await runEtude('train', join(run, '../nothing'), '--out', run, ...TINY, '--force');
    expect(code).toBe(1);
    expect(contents(run)).toEqual(before);
  });
});

describe('a training that diverges', () => {
  /** A run whose next step meets infinity, although all its weights are finite. */
  async function aboutToDiverge(): Promise<string> {
    const { run } = await tinyRun();
    const path = join(run, 'last.safetensors');
    const checkpoint = readCheckpoint(path);
    checkpoint.parameters['heads.step.kernel'].fill(3e38);
    writeCheckpoint(path, checkpoint);
    return run;
  }

  it('ends with code 3, says where and what to do, and keeps the weights before that step', async () => {
    const run = await aboutToDiverge();
    const { code, stdout, stderr } = await runEtude('train', '--out', run, '--resume', '--epochs', '9', '--json');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /etude: Training diverged at step 13 \(epoch 4\): The forward pass through heads\.step .*--clip 1/,
    );
    expect(stderr).toMatch(/--resume --learning-rate 0\.0004/);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'diverged', step: 13, place: { layer: 'heads.step' } });
    const { parameters, training } = readCheckpoint(run, 'last');
    expect(training!.trainer.step).toBe(12);
    expect(Object.values(parameters).every((values) => values.every(Number.isFinite))).toBe(true);
    expect(new LogFile(join(run, 'log.jsonl')).read().at(-1)).toMatchObject({ event: 'diverged', step: 12 });
  });

  it('can be resumed with another learning rate and clipping', async () => {
    const { run } = await tinyRun();
    const args = ['--resume', '--epochs', '4', '--learning-rate', '1e-4', '--clip', '0.5'];
    const { code, stderr } = await runEtude('train', '--out', run, ...args);
    expect(code).toBe(0);
    expect(stderr).toContain('with --epochs 4 --learning-rate 0.0001 --clip 0.5, unlike the run so far');
    expect(new LogFile(join(run, 'log.jsonl')).read().at(-2)).toMatchObject({ event: 'epoch', learningRate: 1e-4 });
  });
});

describe('Ctrl-C', () => {
  /** Runs a command line, and interrupts it when it says something. */
  async function interruptAt(text: string, ...argv: string[]): Promise<{ code: number; stderr: string }> {
    const { io, stderr, interrupt } = testIo();
    const write = stderr.write.bind(stderr);
    stderr.write = (more) => {
      write(more);
      if (String(more).includes(text)) interrupt();
    };
    return { code: await run(argv, io), stderr: stderr.text };
  }

  it('before the training ends it with 130 and writes nothing', async () => {
    const { music, run: folder } = folderWithMusic();
    const { io, stderr, interrupt } = testIo();
    interrupt();
    expect(await run(['train', music, '--out', folder, ...TINY], io)).toBe(130);
    expect(stderr.text).toContain('interrupted while reading the music; nothing was written');
    expect(existsSync(folder)).toBe(false);
  });

  it('before the first step ends it with 130 and writes nothing, whatever has been read', async () => {
    const { music, run: folder } = folderWithMusic();
    writeFileSync(join(music, 'torn.mid'), 'MThd');
    // Said when all has been read.
    const { code, stderr } = await interruptAt('torn.mid', 'train', music, '--out', folder, ...TINY);
    expect(stderr).toContain('etude: stopping; press Ctrl-C again to end at once.');
    expect(stderr).toMatch(/; nothing was written( to the run folder)?\.$/m);
    expect(code).toBe(130);
    expect(existsSync(folder)).toBe(false);
  });

  it('in the training saves after the step, and says how to go on', async () => {
    const { music, run: folder } = folderWithMusic();
    const { code, stderr } = await interruptAt('Epoch 2/3', 'train', music, '--out', folder, ...TINY);
    expect(code).toBe(130);
    expect(stderr).toContain(
      `interrupted after step 8; everything is saved. Go on with: etude train --out ${folder} --resume.`,
    );
    expect(existsSync(join(folder, 'report.html'))).toBe(false);
    expect((await runEtude('train', '--out', folder, '--resume')).code).toBe(0);
    expect(digest(join(folder, 'last.safetensors'))).toBe(digest(join((await tinyRun()).run, 'last.safetensors')));
  });

  it('after the training leaves the model, and the report to --resume', async () => {
    const { music, run: folder } = folderWithMusic();
    const { code, stderr } = await interruptAt('Epoch 3/3', 'train', music, '--out', folder, ...TINY);
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted after the training; the model is saved');
    expect(existsSync(join(folder, 'report.html'))).toBe(false);
    expect((await runEtude('train', '--out', folder, '--resume')).code).toBe(0);
    expect(existsSync(join(folder, 'report.html'))).toBe(true);
  });
});

it('a sample longer than a MIDI file at the usual resolution is written all the same', async () => {
  const { run, ran } = await trainTiny(
    '--preset',
    'tutorial',
    '--learning-rate',
    '1e5',
    // Neither time to notice that it diverges, nor keys to be wrong about.
    '--max-steps',
    '2',
    '--pitch-weight',
    '0',
    '--listen',
    '--soundfont',
    'none',
  );
  expect(ran.code).toBe(0);
  expect(readMidiFile(join(run, 'generated.mid')).endTime).toBeGreaterThan(23_000);
  expect(ran.stderr).toMatch(/Could not render the sample: /);
  expect(existsSync(join(run, 'report.html'))).toBe(true);
});

describe('bad input for training', () => {
  it.each([
    [['missing'], 1, /missing does not exist/],
    [['maestro-v2.0.0'], 1, /maestro-v2.0.0 does not exist. Fetch it with: etude data maestro --out .*maestro-v2.0.0/],
    [['.'], 1, /no MIDI files in /],
    [['silent.mid'], 1, /can be used.*no notes/],
    [['short.mid'], 1, /can be used.*5 notes, at least 7 are needed/],
    [['torn.mid'], 1, /can be used.*damaged/],
    [['text.mid'], 1, /can be used/],
    [[], 2, /name the music to learn from/],
  ])('%o ends with %d and writes nothing', async (names, expected, message) => {
    const base = temporaryFolder();
    mkdirSync(join(base, 'empty'));
    writeFileSync(join(base, 'silent.mid'), midiBytes([]));
    writeFileSync(join(base, 'short.mid'), midiBytes(tune(5, 60)));
    writeFileSync(join(base, 'torn.mid'), midiBytes(tune(30, 60)).subarray(0, 100));
    writeFileSync(join(base, 'text.mid'), 'no music');
    const sources = names.map((name) => join(base, name === '.' ? 'empty' : name));
    const run = join(base, 'run');
    const { code, stdout, stderr } = await runEtude('train', ...sources, '--out', run, ...TINY);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(existsSync(run)).toBe(false);
  });

  it.each([
    [['--backend', 'cuda'], /Expected auto, simd.* gpu-webgpu/],
    [['--backend', 'gpu-headlessgl'], /--backend gpu-headlessgl: it needs the package "gl".*Use --backend simd/],
    [['--backend', 'gpu-cpu', '--threads', '2'], /gpu.js chooses/],
    [['--threads', '0'], /Expected a whole number from 1 to 256, or auto/],
    [['--threads', 'many'], /Expected a whole number from 1 to 256, or auto/],
    [['--backend', 'reference', '--threads', '2'], /--threads/],
    [['--preset', 'best'], /quick, performance or tutorial/],
    [['--learning-rate', '0'], /--learning-rate/],
    [['--instrument', 'kazoo:1'], /Expected an instrument as/],
    [['--hiden-size', '8'], /Did you mean --hidden-size\?/],
    [['--sample-notes', '0'], /Expected a whole number/],
  ])('%o ends with 2 and writes nothing', async (more, message) => {
    const { music, run } = folderWithMusic();
    const { code, stderr } = await runEtude('train', music, '--out', run, ...TINY, ...more);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(run)).toBe(false);
  });

  it('no run folder, or one that is a file or lies in one, ends before anything is read', async () => {
    const { music, base } = folderWithMusic();
    writeFileSync(join(base, 'file'), 'old');
    expect(await runEtude('train', music)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out') as string,
    });
    for (const out of [join(base, 'file'), join(base, 'file/run')]) {
      const { code, stderr } = await runEtude('train', music, '--out', out, ...TINY, '--force');
      expect(code).toBe(1);
      expect(stderr).toMatch(/is a file/);
    }
    expect(readFileSync(join(base, 'file'), 'utf8')).toBe('old');
  });
});
