import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, watch } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUN_FILES } from '../../src/cli/run-folder.ts';
import { decodeCheckpoint, type Checkpoint } from '../../src/nn/index.ts';
import { mulberry32 } from '../support/generators.ts';

const KILLS = 30;
// The bundle must lie where the installed packages are found.
const cache = resolve(import.meta.dirname, '../../node_modules/.cache');
mkdirSync(cache, { recursive: true });
const root = mkdtempSync(join(cache, 'etude-kill-'));
const script = join(root, 'train.mjs');

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'kill-child.ts')],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A process that trains. */
interface Training {
  /** Every whole line that it has said so far. */
  said(): string[];
  /** Resolves when it has said `times` lines that begin with `word`, or has ended. */
  hasSaid(word: 'ready' | 'last', times?: number): Promise<void>;
  kill(): void;
  /** Its exit code, null when a signal ended it. */
  ended: Promise<number | null>;
}

/** A new process that trains in `folder`. */
function train(folder: string): Training {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let text = '';
  const said = (): string[] => text.split('\n').slice(0, -1);
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  const hasSaid = (word: string, times = 1): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (said().filter((line) => line.startsWith(word)).length >= times) resolve();
      };
      child.stdout.on('data', look);
      look();
      void ended.then(() => {
        resolve();
      });
    });
  const kill = (): void => void child.kill('SIGKILL');
  return { said, hasSaid, kill, ended };
}

/** Resolves at the first sign of something being written in `folder`. */
function firstWrite(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      watcher.close();
      resolve();
    });
  });
}

function checkpointIn(folder: string, kind: 'best' | 'last'): Checkpoint | undefined {
  const path = join(folder, RUN_FILES[kind]);
  return existsSync(path) ? decodeCheckpoint(readFileSync(path)) : undefined;
}

function bytesIn(folder: string, kind: 'best' | 'last'): Buffer {
  return readFileSync(join(folder, RUN_FILES[kind]));
}

/** The steps of the checkpoints that a process said it had written. */
function stepsSaid(lines: string[], kind: 'best' | 'last'): number[] {
  return lines.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.split(' ')[1]));
}

describe('a training run that is killed', () => {
  it(`at ${KILLS} moments, half of them while it writes, loses no checkpoint and ends with the bytes of an undisturbed one`, async () => {
    const whole = join(root, 'whole');
    mkdirSync(whole);
    const began = performance.now();
    const undisturbed = train(whole);
    await undisturbed.hasSaid('ready');
    const startup = performance.now() - began;
    expect(await undisturbed.ended).toBe(0);
    expect(undisturbed.said().at(-1)).toBe('completed');
    const saves = stepsSaid(undisturbed.said(), 'last').length;
    const untilNext = (performance.now() - began - startup) / saves;
    expect(stepsSaid(undisturbed.said(), 'best').length).toBeGreaterThan(5);
    // So that the run is not over before the kills are.
    expect(saves).toBeGreaterThan(4 * KILLS);

    const folder = join(root, 'killed');
    mkdirSync(folder);
    const random = mulberry32(20_260_101);
    const saved = { best: -1, last: -1 };
    const unfinished = new Set<string>();
    let kills = 0;
    let resumed = 0;
    while (kills < KILLS) {
      const { said, hasSaid, kill, ended } = train(folder);
      // Every sixth before it has begun; of the others the larger part as soon as it begins to write.
      if (kills % 6 === 5) await setTimeout(random() * startup);
      else {
        await hasSaid('ready');
        await hasSaid('last', Math.floor(4 * random()));
        await setTimeout(random() * untilNext);
        if (kills % 2 === 0) await Promise.race([firstWrite(folder), ended]);
      }
      kill();
      expect(await ended, `the process ended by itself after ${kills} kills: ${said().at(-1)}`).toBeNull();
      kills++;
      for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) unfinished.add(name);
      for (const kind of ['best', 'last'] as const) {
        // Throws when the file is torn.
        const checkpoint = checkpointIn(folder, kind);
        const step = checkpoint?.training!.trainer.step ?? -1;
        const promised = Math.max(saved[kind], ...stepsSaid(said(), kind));
        // A resumed run may find the best weights anew that it had found before it was killed.
        expect(step, `${kind} after ${kills} kills`).toBeGreaterThanOrEqual(promised);
        if (kind === 'last' && step > saved.last) resumed++;
        saved[kind] = step;
      }
    }
    expect(resumed).toBeGreaterThan(KILLS / 3);
    // What was being written when the process was killed is left beside, under a name that nobody reads.
    expect(unfinished.size).toBeGreaterThan(3);

    const rest = train(folder);
    expect(await rest.ended).toBe(0);
    expect(rest.said().at(-1)).toBe('completed');
    for (const kind of ['best', 'last'] as const) {
      expect(Buffer.compare(bytesIn(folder, kind), bytesIn(whole, kind)), kind).toBe(0);
    }
  });
});
