import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingJob } from '../../src/distributed/coordinator.ts';
import { JobError } from '../../src/distributed/errors.ts';
import { LocalCoordinator, type LocalOptions } from '../../src/distributed/local-coordinator.ts';
import type { RunState } from '../../src/distributed/run-state.ts';
import { PRESETS } from '../../src/music/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'etude-local-'));
const program = join(folder, 'main.mjs');

/**
 * Stands for `etude train`: writes down how it was started, and does what the name of its folder says: `fine`, `crash` (always), `once`
 * (crashes the first time), `diverge`, `wait` (for SIGTERM).
 */
const FAKE = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
const words = process.argv.slice(2);
const out = words[words.indexOf('--out') + 1];
const what = out.split('-').at(-1);
appendFileSync(out + '.calls', JSON.stringify(words) + '\\n');
const calls = readFileSync(out + '.calls', 'utf8').trim().split('\\n').length;
const epoch = (n) => ({ event: 'epoch', epoch: n, step: 10 * n, loss: 3 - n, losses: {}, validation: null });
const save = (state) => writeFileSync(out + '.state', JSON.stringify(state));
const resumes = words.includes('--resume');
if (!resumes) { console.log(JSON.stringify(epoch(1))); save({ step: 10, history: [epoch(1)], ended: null }); }
if (what === 'crash' || (what === 'once' && calls === 1)) { console.error('etude: out of luck'); process.exit(what === 'crash' ? 7 : 1); }
if (what === 'diverge') { console.log('{"event":"diverged"}'); process.exit(3); }
if (what === 'wait') {
  process.on('SIGTERM', () => { process.exit(130); });
  process.on('disconnect', () => { process.exit(130); });
  setInterval(() => {}, 1000);
} else {
  console.log(JSON.stringify(epoch(2)));
  save({ step: 20, history: [epoch(1), epoch(2)], ended: 'completed' });
  const until = words.includes('--until');
  process.stdout.write(until ? '{"event":"paused","step":20}' : '{"event":"summary","reason":"completed"}');
}
`;

function readState(of: string): RunState | undefined {
  return existsSync(`${of}.state`) ? (JSON.parse(readFileSync(`${of}.state`, 'utf8')) as RunState) : undefined;
}

const callsOf = (of: string): string[][] =>
  readFileSync(`${of}.calls`, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as string[]); // prettier-ignore

const jobOf = (run: string, until: number | null = null): TrainingJob => ({
  run,
  preset: 'quick',
  settings: { ...PRESETS.quick, hiddenSize: 8, sustain: true },
  music: 'digest',
  until,
});

function coordinator(options: Partial<LocalOptions> = {}): LocalCoordinator {
  return new LocalCoordinator({ processes: 2, etude: [process.execPath, program], sources: ['/music'], words: ['--backend', 'reference'], readState, ...options }); // prettier-ignore
}

beforeAll(() => {
  writeFileSync(program, FAKE);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('LocalCoordinator', () => {
  it('trains a run with its settings as flags, tells its epochs, and says how it ended', async () => {
    const out = join(folder, 'a-fine');
    const steps: number[] = [];
    const local = coordinator();
    const result = await local.train(jobOf('a'), out, { onProgress: ({ step }) => steps.push(step) });
    expect(result).toMatchObject({ machine: 'process 1', ended: 'completed', step: 20 });
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(steps).toEqual([10, 20]);
    const [words] = callsOf(out);
    expect(words.slice(0, 5)).toEqual(['train', '/music', '--force', '--preset', 'quick']);
    expect(words.join(' ')).toMatch(/--sustain .*--hidden-size 8 .*--threads 1 .*--backend reference/);
    expect(await local.atOnce()).toBe(2);
  });

  it('goes on from what is there, to a step', async () => {
    const out = join(folder, 'b-fine');
    await coordinator().train(jobOf('b', 20), out);
    const histories: number[] = [];
    const result = await coordinator().train(jobOf('b', 40), out, { onProgress: ({ history }) => histories.push(history.length) }); // prettier-ignore
    expect(result.ended).toBe('steps');
    expect(callsOf(out)[1].slice(0, 6)).toEqual(['train', '--resume', '--out', out, '--until', '40']);
    // The epochs of the process before are there as well, and none twice.
    expect(histories).toEqual([2]);
  });

  it('takes over from the last checkpoint, once', async () => {
    const out = join(folder, 'c-once');
    const retried: JobError[] = [];
    const result = await coordinator({ onRetry: (error) => retried.push(error) }).train(jobOf('c'), out);
    expect(result.ended).toBe('completed');
    expect(retried.map(({ run, message }) => [run, message])).toEqual([['c', 'run c: its process ended with code 1. It said last: etude: out of luck']]); // prettier-ignore
    expect(callsOf(out).map((words) => words.includes('--resume'))).toEqual([false, true]);
  });

  it('says with what it ended and what it said last where that fails too', async () => {
    const out = join(folder, 'd-crash');
    await expect(coordinator().train(jobOf('d'), out)).rejects.toThrow(JobError);
    await expect(coordinator().train(jobOf('d'), out)).rejects.toThrow(
      /ended with code 7\. It said last: etude: out of luck/,
    );
    expect(callsOf(out)).toHaveLength(4);
    const nothing = coordinator({ etude: [join(folder, 'nothing')] });
    await expect(nothing.train(jobOf('d'), out)).rejects.toThrow(/could not be started/);
  });

  it('knows a divergence from a failure', async () => {
    const result = await coordinator().train(jobOf('e'), join(folder, 'e-diverge'));
    expect(result).toMatchObject({ ended: 'diverged', step: 10 });
  });

  it('asks a process to save and stop when the signal says so, and throws its reason', async () => {
    const out = join(folder, 'f-wait');
    const stop = new AbortController();
    const local = coordinator();
    const training = local.train(jobOf('f'), out, {
      signal: stop.signal,
      onProgress: () => { stop.abort(new Error('enough')); },
    }); // prettier-ignore
    await expect(training).rejects.toThrow('enough');
    expect(callsOf(out)).toHaveLength(1);
    expect(await local.machines()).toEqual([{ name: 'process 1', run: undefined }, { name: 'process 2', run: undefined }]); // prettier-ignore
  });

  it('has no more processes than it may', async () => {
    const local = coordinator({ processes: 1 });
    const both = ['g', 'h'].map((run) => local.train(jobOf(run), join(folder, `${run}-fine`)));
    expect((await local.machines()).map(({ run }) => run)).toEqual(['g']);
    expect((await Promise.all(both)).map(({ machine }) => machine)).toEqual(['process 1', 'process 1']);
  });
});
