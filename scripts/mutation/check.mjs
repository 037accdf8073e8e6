// Plants one error at a time into a copy of the sources and requires that the tests find it: the proof that the tests of the
// backward passes can fail. Prints a table; exits with 1 when a mutant survives or no longer applies.
//
//     npm run test:mutation [-- a word that the file or the name of the mutant must contain]
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JUDGES, MUTANTS } from './mutants.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the tests need; the working tree itself is never touched. */
const COPIED = ['src', 'test/tensor', 'test/nn', 'test/support', 'test/golden', 'test/interop', 'bench/interop', 'test/setup.ts', 'vitest.config.ts', 'package.json']; // prettier-ignore
const LIMIT_MS = 120_000;

const wanted = process.argv[2] ?? '';
const mutants = MUTANTS.filter(({ file, name }) => `${file} ${name}`.includes(wanted));
const lost = mutants.filter(({ file, find }) => read(join(root, file)).split(find).length !== 2);
for (const { file, name, find } of lost) {
  console.error(`no longer applies: ${file}, "${name}": expected once, and once only: ${JSON.stringify(find)}`);
}
if (lost.length > 0 || mutants.length === 0) process.exit(1);

const started = performance.now();
const copies = Array.from({ length: Math.min(2, availableParallelism()) }, createCopy);
try {
  await expectHealthy();
  const survivors = await judgeAll();
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\n${mutants.length - survivors} of ${mutants.length} mutants were found in ${seconds} s.`);
  process.exitCode = survivors > 0 ? 1 : 0;
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
}

function createCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'etude-mutation-'));
  for (const path of COPIED) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return folder;
}

/** All judges must be content with the sources as they are, or finding mutants would mean nothing. */
async function expectHealthy() {
  const judges = [...new Set(mutants.map(({ judge }) => judge))];
  await inParallel(judges, async (judge, copy) => {
    const { failed, passed, problem } = await runTests(copy, JUDGES[judge]);
    if (problem ?? failed) throw new Error(`Without any mutant the tests "${judge}" fail: ${problem ?? failed}`);
    if (passed === 0) throw new Error(`No test matches the pattern of the judge "${judge}".`);
    console.log(`${judge}: ${passed} tests pass without a mutant`);
  });
}

/** @returns how many mutants no test found */
async function judgeAll() {
  let survivors = 0;
  await inParallel(mutants, async ({ file, name, find, replace, judge }, copy) => {
    const path = join(copy, file);
    const source = read(path);
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
    const { failed, problem } = await runTests(copy, JUDGES[judge]);
    writeFileSync(path, source);
    if (!failed) survivors++;
    const verdict = failed ? 'found   ' : problem ? 'BROKEN  ' : 'SURVIVED';
    console.log(`${verdict} ${file.replace('src/', '').padEnd(32)} ${name.padEnd(52)} ${failed ?? problem ?? judge}`);
  });
  return survivors;
}

/** Works through `items`, as many at once as there are copies; each call has a copy to itself. */
async function inParallel(items, work) {
  const waiting = [...items];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, copy);
    }),
  );
}

/**
 * Runs some tests in a copy, up to the first that fails.
 * @returns the name of that test, how many passed, and what else went wrong: a mutant that does not even load proves nothing
 */
function runTests(copy, { files, pattern }) {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  const options = [
    '--bail',
    '1',
    '--reporter',
    'json',
    '--outputFile',
    report,
    '--pool',
    'threads',
    '--maxWorkers',
    '1',
  ];
  const filter = pattern ? ['-t', pattern] : [];
  const command = [join(copy, 'node_modules/vitest/vitest.mjs'), 'run', ...files, ...filter, ...options];
  const env = { ...process.env, ETUDE_RUNS: process.env.ETUDE_RUNS ?? '12' };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: copy, env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      if (error?.killed) return resolve({ passed: 0, problem: `no end after ${LIMIT_MS / 1000} s` });
      try {
        resolve(verdictOf(JSON.parse(read(report))));
      } catch {
        resolve({ passed: 0, problem: `no report: ${stderr.slice(0, 200)}` });
      }
    });
  });
}

function verdictOf({ testResults, numPassedTests }) {
  const failure = testResults.flatMap((suite) => suite.assertionResults).find(({ status }) => status === 'failed');
  if (failure) return { failed: failure.fullName.slice(-90), passed: numPassedTests };
  const broken = testResults.find(({ status, message }) => status === 'failed' && message);
  return { passed: numPassedTests, problem: broken?.message.slice(0, 200) };
}

function read(path) {
  return readFileSync(path, 'utf8');
}
