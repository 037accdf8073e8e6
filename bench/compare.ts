// Says what got slower: npm run bench:compare -- OLD [NEW] [--only train-1,peers]. Each is a result file, a folder of them, or a commit
// whose bench/results are meant; NEW is bench/results as it lies here unless given.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { DataError, UsageError } from '../src/errors.ts';
import { runMain } from './run-main.ts';
import { digits } from '../src/text/numbers.ts';
import { formatTable } from '../src/text/table.ts';
import { compareResults, type Change } from './comparison.ts';
import { readResult } from './results.ts';

const FOLDER = 'bench/results';

/** Prints what changed, and returns the exit code: 1 when something got slower beyond the noise. */
function main(temporary: string): number {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
  const [old, young = FOLDER] = positionals;
  if (old === undefined || positionals.length > 2) {
    throw new UsageError('compare: give what is older and what is newer: result files, folders, or commits.');
  }
  const only = values.only?.split(',');
  const pairs = pairsOf(filesOf(old, join(temporary, 'old')), filesOf(young, join(temporary, 'new')), only);
  const changes = pairs.flatMap(([before, after]) => compareFiles(before, after));
  const slower = changes.filter(({ verdict }) => verdict === 'slower');
  console.error(
    slower.length === 0
      ? `Nothing of ${changes.length} got slower beyond the noise.`
      : `${slower.length} of ${changes.length} got slower beyond the noise: ${slower.map(({ id }) => id).join('; ')}.`,
  );
  return slower.length === 0 ? 0 : 1;
}

/** The result files of what is named; those of a commit are written into `folder`. */
function filesOf(name: string, folder: string): string[] {
  if (existsSync(name)) return statSync(name).isDirectory() ? resultsIn(name) : [name];
  let listed: string;
  try {
    listed = git('ls-tree', '--name-only', name, `${FOLDER}/`);
  } catch (cause) {
    throw new UsageError(`compare: "${name}" is neither a file or folder nor a commit.`, { cause });
  }
  mkdirSync(folder, { recursive: true });
  return listed.split('\n').flatMap((path) => {
    if (!path.endsWith('.json')) return [];
    const copy = join(folder, basename(path));
    writeFileSync(copy, git('show', `${name}:${path}`));
    return isResult(copy) ? [copy] : [];
  });
}

function resultsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return names.map((name) => join(folder, name)).filter(isResult);
}

/** The folder holds other files too: of how models learn. */
function isResult(path: string): boolean {
  try {
    readResult(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof DataError) return false;
    throw thrown;
  }
}

/** Two files, or those of the same name in both. @throws DataError where there are none */
function pairsOf(old: string[], young: string[], only: string[] | undefined): (readonly [string, string])[] {
  if (old.length === 1 && young.length === 1) return [[old[0], young[0]]];
  const pairs = young.flatMap((path) => {
    const before = old.find((each) => basename(each) === basename(path));
    const wanted = only === undefined || only.includes(basename(path, '.json'));
    return before && wanted ? [[before, path] as const] : [];
  });
  if (pairs.length === 0) throw new DataError('compare: there is no result of the same name in both.');
  return pairs;
}

function compareFiles(before: string, after: string): Change[] {
  const { changes, missing, warnings } = compareResults(readResult(before), readResult(after));
  const columns = [basename(after, '.json'), 'old ms', 'new ms', 'ratio', 'noise'].map((title, column) => ({
    title,
    align: column === 0 ? ('left' as const) : ('right' as const),
  }));
  console.log(`${formatTable([...columns, { title: '' }], changes.map(cells))}\n`);
  for (const line of [...warnings, ...missing.map((id) => `Only in one of the files: ${id}`)]) {
    console.error(`${basename(after, '.json')}: ${line}`);
  }
  return changes;
}

function cells({ id, oldMs, newMs, ratio, noise, verdict }: Change): string[] {
  return [id, digits(oldMs), digits(newMs), ratio.toFixed(2), `± ${(noise * 100).toFixed(0)} %`, verdict];
}

function git(...words: string[]): string {
  return execFileSync('git', words, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

const temporary = mkdtempSync(join(tmpdir(), 'etude-compare-'));
await runMain(() => {
  try {
    process.exitCode = main(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});
