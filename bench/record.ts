// Makes the result files that the documentation shows: npm run bench:record -- --data MAESTRO [--only train-1,peers]. Waits until the
// machine is quiet, and measures again what was disturbed all the same; with --once it does neither.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.ts';
import { endedChildSeconds, watchLoad } from './machine.ts';
import { measurePeak } from './peak/peak.ts';
import { formatResult, readResult, resultFile } from './results.ts';
import { benchStartup } from './startup.ts';

const CLI = 'dist/cli/main.js';
const FOLDER = 'bench/results';
/** Others using more of a core than this count as a disturbance. */
const QUIET = 0.1;
/** So often a disturbed measurement is made anew; the least disturbed is kept. */
const ATTEMPTS = 4;
/** What two whole cores give of one: less means that they are not whole. */
const WHOLE_CORES = 1.8;
/** Seconds to wait for a quiet machine before measuring on a busy one. */
const PATIENCE = 600;

const LARGE = ['--hidden-size', '512', '--seq-length', '100', '--layers', '2'];

/** The name of each result file and how it is made; DATA stands for the corpus. */
const RECORDS: readonly (readonly [name: string, ...argv: string[]])[] = [
  ['kernels', 'bench', 'kernels', '--seconds', '0.5', '--svg', 'docs/images/roofline.svg', '--force'],
  ['train-1', 'bench', 'train', '--threads', '1', '--seconds', '10'],
  ['train-2', 'bench', 'train', '--threads', '2', '--seconds', '10'],
  ['train-plain-1', 'bench', 'train', '--threads', '1', '--backend', 'simd-plain', '--seconds', '10'],
  ['train-reference', 'bench', 'train', '--threads', '1', '--backend', 'reference', '--seconds', '10'],
  ['train-large-1', 'bench', 'train', '--threads', '1', ...LARGE, '--seconds', '30'],
  ['train-large-2', 'bench', 'train', '--threads', '2', ...LARGE, '--seconds', '30'],
  ['train-large-plain-1', 'bench', 'train', '--threads', '1', '--backend', 'simd-plain', ...LARGE, '--seconds', '30'],
  ['generate', 'bench', 'generate', '--seconds', '3'],
  ['generate-reference', 'bench', 'generate', '--backend', 'reference', '--seconds', '3'],
  ['generate-large', 'bench', 'generate', ...LARGE, '--seconds', '3'],
  ['load', 'bench', 'load', 'DATA', '--rounds', '7'],
  ['epoch-1', 'bench', 'epoch', 'DATA', '--threads', '1'],
  ['epoch-2', 'bench', 'epoch', 'DATA', '--threads', '2'],
  ['scaling', 'bench', 'scaling', '--seconds', '2'],
  ['memory', 'bench', 'memory', 'DATA'],
  ['startup', '--help'],
  ['peers', 'peers', 'train', '--rounds', '11'],
  ['peers-notes', 'peers', 'stateful', 'window', '--rounds', '11'],
  ['peers-large', 'peers', 'large', '--rounds', '5', '--seconds', '5'],
];

const { values } = parseArgs({
  options: { data: { type: 'string' }, only: { type: 'string' }, once: { type: 'boolean', default: false } },
});
if (!existsSync(CLI)) throw new UsageError(`${CLI} is not there: run "npm run build" first.`);
mkdirSync(FOLDER, { recursive: true });
for (const [name, ...argv] of RECORDS) {
  if (values.only !== undefined && !values.only.split(',').includes(name)) continue;
  if (argv.includes('DATA') && values.data === undefined) {
    console.error(`${name}: left out, it needs --data`);
    continue;
  }
  await record(name, argv.map((word) => (word === 'DATA' ? values.data! : word))); // prettier-ignore
}

/** Measures until nothing disturbed it, or often enough. */
async function record(name: string, argv: string[]): Promise<void> {
  const [target, fresh] = [`${FOLDER}/${name}.json`, `${FOLDER}/.${name}.tmp.json`];
  let least = Infinity;
  for (let attempt = 1; attempt <= (values.once ? 1 : ATTEMPTS) && least > QUIET; attempt++) {
    if (!values.once) await quiet();
    rmSync(fresh, { force: true });
    await measure(argv, fresh);
    const { others } = readResult(fresh).load;
    console.error(`${name}: others used ${others ?? 'unknown'} cores`);
    if ((others ?? 0) < least) renameSync(fresh, target);
    least = Math.min(least, others ?? 0);
  }
  rmSync(fresh, { force: true });
}

async function measure(argv: string[], out: string): Promise<void> {
  if (argv[0] === '--help') {
    writeFileSync(out, formatResult(await measureStartup()));
    return;
  }
  const command = argv[0] === 'peers' ? ['scripts/bench.mjs', 'peers/run', ...argv.slice(1)] : [CLI, ...argv];
  const { status } = spawnSync(process.execPath, [...command, '--out', out], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`);
}

/** How long the command line takes to begin. */
async function measureStartup(): Promise<ReturnType<typeof resultFile>> {
  const load = watchLoad();
  const before = endedChildSeconds();
  const rows = await benchStartup(CLI, 'data/songbook', 21);
  return resultFile('startup', rows, load(endedChildSeconds() - before));
}

/**
 * Waits until no other process works, and two cores give nearly twice what one gives: on a rented machine they may be halves
 * of one core, or be lent to somebody else for a while, of which no counter tells.
 */
async function quiet(): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += 5) {
    const load = watchLoad();
    await setTimeout(waited === 0 ? 1000 : 5000);
    if ((load().others ?? 0) > QUIET) continue;
    const [one, two] = [await measurePeak(1, 100), await measurePeak(2, 300)];
    if (two.multiplyAdd > WHOLE_CORES * one.multiplyAdd) return;
  }
  console.error('The machine does not become quiet; measuring all the same.');
}
