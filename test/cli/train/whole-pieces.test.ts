import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InterruptedError } from '../../../src/cli/exit-codes.ts';
import { readCheckpoint, readMusicModel, runPaths, writeCheckpoint } from '../../../src/cli/run-folder.ts';
import { Terminal } from '../../../src/cli/terminal.ts';
import type { TrainedRun } from '../../../src/cli/train/run-training.ts';
import { fitRunMemory } from '../../../src/cli/train/whole-pieces.ts';
import { fitMemoryFor, prepareData } from '../../../src/music/index.ts';
import { toyCheckpoint, toyPiece, toySong, toySongbook } from '../../support/toy-music.ts';
import { chainedSettings } from '../../music/evaluation/chained-toy.ts';
import { contents, digest } from '../folder-contents.ts';
import { runEtude, testIo } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { trainTiny, useTinyRun } from '../tiny-music.ts';

const ORDER = ['--velocity', 'classes', '--embedding', '4', '--order', 'step,pitch,duration,velocity'];

describe('the end of a run whose model draws in an order', () => {
  const chained = useTinyRun(...ORDER);

  it('puts a memory that is fitted to it into both files', async () => {
    const { run } = await chained();
    const { best, last } = runPaths(run);
    const { memory } = readMusicModel(best);
    expect(Object.keys(memory!.heads)).toEqual(['step', 'pitch', 'duration', 'velocity']);
    expect(readMusicModel(last).memory).toEqual(memory);
    expect(readCheckpoint(last).training).toBeDefined();
  });

  it('fits none with --no-fit-memory, nor to a model whose heads know nothing of each other', async () => {
    const asked = await trainTiny(...ORDER, '--epochs', '1', '--no-fit-memory');
    expect(asked.ran.code).toBe(0);
    expect(readMusicModel(asked.run).memory).toBeUndefined();
    expect(readMusicModel((await trainTiny('--epochs', '1')).run).memory).toBeUndefined();
  });

  it('comes to the same bytes whether the run was stopped or not', async () => {
    const whole = await chained();
    const half = await trainTiny(...ORDER, '--max-steps', '6');
    expect(readMusicModel(half.run).memory).not.toEqual(readMusicModel(whole.run).memory);
    expect((await runEtude('train', '--out', half.run, '--resume', '--max-steps', 'none')).code).toBe(0);
    expect(digest(join(half.run, 'last.safetensors'))).toEqual(digest(join(whole.run, 'last.safetensors')));
    expect(readMusicModel(half.run).memory).toEqual(readMusicModel(whole.run).memory);
  });

  it('says what whole pieces cost, in its report and its summary', async () => {
    const { run, music } = await chained();
    const resumed = await runEtude('train', '--out', run, '--resume', '--json', '--quiet');
    const { evaluation } = JSON.parse(resumed.stdout.trim().split('\n').at(-1)!) as {
      evaluation: { note: unknown; whole: { notes: number } };
    };
    const evaluated = await runEtude('evaluate', run, music, '--recall', '1', '--json', '--quiet', '--backend', 'reference'); // prettier-ignore
    expect(evaluation.whole).toEqual((JSON.parse(evaluated.stdout) as { whole: unknown }).whole);
    expect(evaluation.whole.notes).toBe(29);
    expect(evaluation.note).toMatchObject({ loss: { nats: expect.any(Number) as number } });
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('<h2>Whole pieces</h2>');
  });

  it('has neither where times are numbers', async () => {
    const { run, ran } = await trainTiny('--step', 'raw', '--duration', 'raw', '--epochs', '1', '--json');
    expect(JSON.parse(ran.stdout.trim().split('\n').at(-1)!)).toMatchObject({ evaluation: { note: null, whole: null } }); // prettier-ignore
    expect(readFileSync(join(run, 'report.html'), 'utf8')).not.toContain('Whole pieces');
  });
});

describe('fitting the memory of a run', () => {
  const settings = chainedSettings();
  const validationPieces = [50, 57].map((key) => toyPiece(`new ${key}`, toySong(key, 120)));

  async function savedRun(): Promise<TrainedRun> {
    const paths = runPaths(temporaryFolder());
    writeCheckpoint(paths.last, await toyCheckpoint(settings));
    const data = { ...prepareData(toySongbook(), settings), validationPieces };
    return { plan: { out: paths.folder, backend: 'reference' }, paths, data } as unknown as TrainedRun;
  }

  it('is that of its validation pieces, and leaves the rest of the file as it was', async () => {
    const run = await savedRun();
    const before = readCheckpoint(run.paths.last);
    await fitRunMemory(run, new Terminal(testIo().io));
    const tables = validationPieces.map(({ table }) => table);
    const { parameters } = await fitMemoryFor(readMusicModel(run.paths.last), tables, { states: true });
    expect(readCheckpoint(run.paths.last)).toEqual({ ...before, extra: { ...before.extra, memory: parameters } });
    expect(existsSync(run.paths.best)).toBe(false);
  });

  it('ends at Ctrl-C with the files as they were, and says how it is made', async () => {
    const run = await savedRun();
    const before = contents(run.paths.folder);
    const { io, interrupt } = testIo();
    interrupt();
    const fitting = fitRunMemory(run, new Terminal(io));
    await expect(fitting).rejects.toThrow(InterruptedError);
    await expect(fitting).rejects.toThrow(/interrupted while fitting the memory; the model is saved\. .* --resume/);
    expect(contents(run.paths.folder)).toEqual(before);
  });

  it('is a warning where it cannot be done', async () => {
    const run = await savedRun();
    const { io, stderr } = testIo();
    const none = { ...run, data: { ...run.data, validationPieces: [toyPiece('short', toySong(50, 2))] } };
    await fitRunMemory(none, new Terminal(io));
    expect(stderr.text).toMatch(/The memory cannot be fitted: .*three notes/);
    expect(readMusicModel(run.paths.last).memory).toBeUndefined();
  });
});
