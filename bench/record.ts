// Makes the result files that the documentation shows: npm run bench:record -- --data MAESTRO [PART or NAME ...]. Waits until the
// machine is quiet, and measures again what was disturbed all the same. See --help.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EtudeError, UsageError } from '../src/errors.ts';
import { runMain } from './run-main.ts';
import { describeMachine, endedChildSeconds, QUIET, watchLoad } from './machine.ts';
import { measuredNode } from './nodes.ts';
import { measurePeak } from './peak/peak.ts';
import { PARTS, RECORDS, shortened, type Recording } from './records.ts';
import { formatResult, othersOf, readResult, resultFile } from './results.ts';
import { benchStartup } from './startup.ts';

const CLI = 'dist/cli/main.js';
/** So often a disturbed measurement is made; the least disturbed is kept. */
const ATTEMPTS = 3;
/** What two whole cores give of one: less means that they are not whole. */
const WHOLE_CORES = 1.8;
/** Seconds to wait for a quiet machine before measuring on a busy one. */
const PATIENCE = 300;
const STARTUP_ROUNDS = 15;
const DAY = 24 * 3600 * 1000;

const HELP = `npm run bench:record -- [options] [part or name ...]

Measures what the documentation shows, all of it or the parts that are named: ${PARTS.join(', ')};
or single files: ${RECORDS.map(({ name }) => name).join(', ')}.

  --data FOLDER   the corpus (MAESTRO), for load, epoch and memory
  --out FOLDER    where the result files go (default: bench/results)
  --resume        leave out what was recorded quietly on this machine within a day
  --once          neither wait for a quiet machine nor measure again
  --short         tiny counts, only to see that every command runs; with --out`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'bench/results' },
    resume: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (!existsSync(CLI)) throw new UsageError(`${CLI} is not there: run "npm run build" first.`);
  if (values.short && values.out === 'bench/results') throw new UsageError('--short: give --out, for these figures are not to be published.'); // prettier-ignore
  mkdirSync(values.out, { recursive: true });
  const disturbed: string[] = [];
  for (const record of chosen()) {
    const { name, argv } = record;
    if (argv.includes('DATA') && values.data === undefined) console.error(`${name}: left out, it needs --data`);
    else if (values.resume && isRecorded(name)) console.error(`${name}: is recorded already`);
    else if (!(await make(values.short ? shortened(record) : record))) disturbed.push(name);
  }
  if (disturbed.length > 0)
    console.error(`Disturbed: ${disturbed.join(', ')}. With --resume only what is missing or disturbed is measured.`);
}

/** What is named, or all. */
function chosen(): Recording[] {
  const known = [...PARTS, ...RECORDS.map(({ name }) => name)] as string[];
  const unknown = positionals.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new UsageError(`bench:record: there is no "${unknown}"; see --help.`);
  return RECORDS.filter(({ name, part }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(part)); // prettier-ignore
}

/** Whether the file is of this processor, not older than a day, and was not disturbed. */
function isRecorded(name: string): boolean {
  const path = join(values.out, `${name}.json`);
  if (!existsSync(path)) return false;
  const result = readResult(path);
  const fresh = result.machine.cpu === describeMachine().cpu && Date.now() - Date.parse(result.date) < DAY;
  return fresh && othersOf(result) <= QUIET;
}

/** Measures until nothing disturbed it, or often enough. @returns whether the one that is kept was quiet */
async function make({ name, part, node, argv }: Recording): Promise<boolean> {
  const [target, fresh] = [join(values.out, `${name}.json`), join(values.out, `.${name}.tmp.json`)];
  const begin = performance.now();
  // A race repeats its disturbed rounds itself.
  const attempts = values.once || part === 'peers' ? 1 : ATTEMPTS;
  let least = Infinity;
  for (let attempt = 1; attempt <= attempts && least > QUIET; attempt++) {
    if (!values.once) await quiet();
    rmSync(fresh, { force: true });
    await measure(node, argv.map((word) => (word === 'DATA' ? values.data! : word)), fresh); // prettier-ignore
    const { others } = readResult(fresh).load;
    if ((others ?? 0) < least) renameSync(fresh, target);
    least = Math.min(least, others ?? 0);
    console.error(
      `${name}: ${((performance.now() - begin) / 1000).toFixed(0)} s; others used ${others ?? 'unknown'} cores`,
    );
  }
  rmSync(fresh, { force: true });
  return least <= QUIET;
}

async function measure(node: Recording['node'], argv: readonly string[], out: string): Promise<void> {
  const { program, version } = await measuredNode(node);
  if (argv[0] === 'startup') {
    writeFileSync(out, formatResult(await measureStartup(program, version)));
    return;
  }
  const command = argv[0] === 'peers' ? ['scripts/bench.mjs', 'peers/run', ...argv.slice(1)] : [CLI, ...argv];
  const { status } = spawnSync(program, [...command, '--out', out], { stdio: 'inherit' });
  if (status !== 0) throw new EtudeError(`${argv.join(' ')} ended with ${status}`);
}

async function measureStartup(node: string, version: string): Promise<ReturnType<typeof resultFile>> {
  const load = watchLoad();
  const before = endedChildSeconds();
  const rows = await benchStartup(node, CLI, 'data/songbook', values.short ? 1 : STARTUP_ROUNDS);
  const result = resultFile('startup', rows, load(endedChildSeconds() - before));
  const v8 = execFileSync(node, ['-p', 'process.versions.v8'], { encoding: 'utf8' }).trim();
  return { ...result, machine: { ...result.machine, node: version, v8 } };
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

await runMain(main);
