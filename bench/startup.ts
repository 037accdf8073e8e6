import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Row } from './results.ts';
import { summarise } from './timing.ts';
import { VerificationError } from './verification-error.ts';

/** How often the log of a training is looked at for its first step: often enough, and too seldom to be in its way. */
const LOOK_MS = 4;
/** A training that has made no step after so long has failed in some other way. */
const PATIENCE_MS = 60_000;

/** What targets are set for, by what it is called in results. */
export const STARTUP_IDS = { help: 'etude --help', firstStep: 'first step of etude train data/songbook' } as const;

/** A command of the command line, and how long it takes from its start. */
interface Startup {
  id: string;
  /** Milliseconds of one run. */
  run(): Promise<number> | number;
}

/**
 * How long the command line takes to start, beside the least that Node takes, in turns: its help, the help of a command, and a
 * training on the songbook up to its first step, with what it reads neither cached nor written to a cache.
 *
 * @param node the Node that runs it
 * @param cli the built `main.js`
 * @param music a folder of MIDI files to train on
 */
export async function benchStartup(node: string, cli: string, music: string, rounds: number): Promise<Row[]> {
  const startups: Startup[] = [
    { id: 'node -e 0', run: () => wholeRun(node, ['-e', '0']) },
    { id: STARTUP_IDS.help, run: () => wholeRun(node, [cli, '--help']) },
    { id: 'etude train --help', run: () => wholeRun(node, [cli, 'train', '--help']) },
    { id: STARTUP_IDS.firstStep, run: () => firstStep(node, cli, music) },
  ];
  const samples = startups.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run }] of startups.entries()) samples[index].push(await run());
  }
  return startups.map(({ id }, index) => ({ id, ...summarise(samples[index]) }));
}

function wholeRun(node: string, argv: readonly string[]): number {
  const begin = performance.now();
  const { status, stderr } = spawnSync(node, argv);
  if (status !== 0) throw new VerificationError(`node ${argv.join(' ')} ended with ${status}: ${String(stderr)}`);
  return performance.now() - begin;
}

/** From the start of the process until its log has the first step. The process is ended then. */
async function firstStep(node: string, cli: string, music: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'etude-startup-'));
  const argv = [cli, 'train', music, '--out', join(folder, 'run'), '--cache', 'none', '--no-sample', '--quiet'];
  const begin = performance.now();
  const child = spawn(node, argv, { stdio: 'ignore' });
  const ended = new Promise<void>((done) => child.once('close', () => { done(); })); // prettier-ignore
  try {
    return (await untilStep(child, join(folder, 'run/log.jsonl'), begin)) - begin;
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untilStep(child: ChildProcess, log: string, begin: number): Promise<number> {
  while (child.exitCode === null && performance.now() - begin < PATIENCE_MS) {
    if (contentOf(log).includes('"event":"step"')) return performance.now();
    await setTimeout(LOOK_MS);
  }
  throw new VerificationError(
    `etude train made no step${child.exitCode === null ? '' : `: it ended with ${child.exitCode}`}.`,
  );
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
