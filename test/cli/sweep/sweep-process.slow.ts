import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../build-etude.ts';
import { startEtude, type Ended, type EtudeProcess } from '../etude-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { folderWithMusic } from '../tiny-music.ts';
import { EPOCHS, linesOf, SMALL, summaryOf, weightsOf, writeSpace } from './sweeps.ts';

const node = [process.execPath, useBuiltEtude()];

const start = (...argv: string[]): EtudeProcess => startEtude(node, ['sweep', ...argv]);

async function finish(started: EtudeProcess): Promise<Ended> {
  const ended = await started.ended;
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}

/** Waits until something is there. */
async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await setTimeout(10);
  }
}

/** The process of a run that is being trained. */
function processIn(sweep: string): number | undefined {
  const runs = join(sweep, 'runs');
  for (const run of existsSync(runs) ? readdirSync(runs) : []) {
    try {
      return (JSON.parse(readFileSync(join(runs, run, 'run.lock'), 'utf8')) as { pid: number }).pid;
    } catch {
      // Has just ended, or not begun.
    }
  }
  return undefined;
}

describe('a sweep in processes of its own', () => {
  const base = temporaryFolder;
  const shared = mkdtempSync(join(tmpdir(), 'etude-sweep-'));
  afterAll(() => {
    rmSync(shared, { recursive: true, force: true });
  });
  let [music, space, whole] = ['', '', ''];
  const begin = (out: string, ...more: string[]): EtudeProcess =>
    start(music, '--space', space, '--out', out, '--runs', '3', ...SMALL, ...EPOCHS, ...more);
  let first: Ended;

  beforeAll(async () => {
    const folders = folderWithMusic({ base: shared });
    music = folders.music;
    space = writeSpace(folders.base);
    whole = join(folders.base, 'whole');
    first = await finish(begin(whole, '--at-once', '1', '--json'));
  });

  it('trains all runs one after another, and says which is best', () => {
    const { complete, runs, failed, best, groups } = summaryOf(first.stdout);
    expect({ complete, runs, failed }).toEqual({ complete: true, runs: 3, failed: [] });
    expect(groups[0].runs.map(({ step, ended }) => [step, ended])).toEqual(Array(3).fill([12, 'completed']));
    expect(best!.path).toBe(groups[0].runs[0].path);
    const events = first.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { event: string }).event); // prettier-ignore
    expect(events.slice(0, 5)).toEqual(['job', 'epoch', 'epoch', 'epoch', 'result']);
    expect(existsSync(join(whole, 'sweep.html'))).toBe(true);
  });

  it('ends with the same best run and the same bytes three at once', async () => {
    const out = join(base(), 'three');
    const { stdout } = await finish(begin(out, '--at-once', '3', '--minutes', '60', '--json'));
    expect(weightsOf(out)).toEqual(weightsOf(whole));
    const [one, three] = [summaryOf(first.stdout).best!, summaryOf(stdout).best!];
    expect({ ...three, path: basename(three.path) }).toEqual({ ...one, path: basename(one.path) });
  });

  it('saves on Ctrl-C, and --resume ends with the same bytes and trains no finished run again', async () => {
    const out = join(base(), 'stopped');
    const { child, says, ended } = begin(out, '--at-once', '1');
    await says('completed at step');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/interrupted; everything is saved\. Go on with: etude sweep --out \S+stopped --resume\./);
    const before = linesOf(join(out, 'sweep.jsonl')).filter(({ event }) => event === 'result');
    await finish(start('--out', out, '--resume', '--at-once', '2'));
    expect(weightsOf(out)).toEqual(weightsOf(whole));
    const after = linesOf(join(out, 'sweep.jsonl')).filter(({ event }) => event === 'result');
    expect(before.length).toBeGreaterThan(0);
    expect(after.map(({ run }) => run).sort()).toEqual(Object.keys(weightsOf(whole)));
  });

  it('loses nothing when it is killed in the middle', async () => {
    const out = join(base(), 'killed');
    const { child, says, ended } = begin(out, '--at-once', '2');
    await says('completed at step');
    await until(() => processIn(out));
    child.kill('SIGKILL');
    await ended;
    await finish(start('--out', out, '--resume', '--at-once', '2'));
    expect(weightsOf(out)).toEqual(weightsOf(whole));
  });

  it('has a run whose process is killed taken over by another', async () => {
    const out = join(base(), 'shot');
    const started = begin(out, '--at-once', '1');
    process.kill(await until(() => processIn(out)), 'SIGKILL');
    await finish(started);
    expect(weightsOf(out)).toEqual(weightsOf(whole));
    const retries = linesOf(join(out, 'sweep.jsonl')).filter(({ event }) => event === 'retry');
    expect(retries).toEqual([expect.objectContaining({ why: expect.stringMatching(/ended by SIGKILL/) as string })]);
  });

  it('halves: what is promoted goes on to the bytes that it would have had alone', async () => {
    const out = join(base(), 'halved');
    const halving = ['--method', 'asha', '--reduction', '2', '--least-steps', '4', '--most-steps', '16'];
    const { stdout } = await finish(start(music, '--space', space, '--out', out, '--runs', '4', ...SMALL, ...halving, '--at-once', '1', '--json')); // prettier-ignore
    const { best, groups } = summaryOf(stdout);
    const steps = groups[0].runs.map(({ step }) => step).sort((a, b) => a - b);
    expect([steps[0], steps.at(-1)]).toEqual([4, 16]);
    const top = groups[0].runs.find(({ step }) => step === 16)!;
    expect(best!.loss).toBeLessThan(Infinity);
    expect(linesOf(join(top.path, 'log.jsonl')).filter(({ event }) => event === 'resume').length).toBe(2);
    const { preset, settings } = JSON.parse(readFileSync(join(top.path, 'config.json'), 'utf8')) as { preset: string; settings: Record<string, number> }; // prettier-ignore
    const alone = join(base(), 'alone');
    const drawn = ['--hidden-size', settings.hiddenSize, '--learning-rate', settings.learningRate, '--dropout', settings.dropout].map(String); // prettier-ignore
    const words = ['train', music, '--out', alone, ...SMALL, ...drawn, '--preset', preset, '--max-steps', '16', '--epochs', 'none']; // prettier-ignore
    await finish(startEtude(node, [...words, '--threads', '1', '--no-sample', '--no-fit-memory']));
    for (const name of ['best.safetensors', 'last.safetensors']) {
      expect(readFileSync(join(alone, name)).equals(readFileSync(join(top.path, name))), name).toBe(true);
    }
  });
});
