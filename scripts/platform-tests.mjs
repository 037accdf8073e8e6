// Runs the library's tests on a JavaScript engine and says what came out, by part of the library.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/** What shows that the library works on an engine: kernels, networks, threads, training, models of sequences, MIDI. */
export const LIBRARY_TESTS = [
  ...['test/tensor/conformance/', 'test/tensor/random', 'test/tensor/arena', 'test/nn/cells/keras', 'test/nn/threads'],
  ...['test/nn/trainer.test', 'test/nn/checkpoint', 'test/nn/golden', 'test/fit/fit.test', 'test/midi/read/suite'],
  ...['test/midi/write', 'test/midi/corpus/find-files'],
];

/**
 * Runs tests.
 * @param {string[]} start the words that start a program on the engine
 * @param {string[]} words of vitest: files of tests, options
 * @returns {object[]} vitest's report, a file of tests each
 * @throws Error when no tests ran
 */
export function runTests(start, words) {
  const folder = mkdtempSync(join(tmpdir(), 'etude-tests-'));
  try {
    const report = join(folder, 'report.json');
    const [program, ...before] = start;
    const args = [...before, vitest, 'run', ...words, '--reporter=json', `--outputFile=${report}`];
    // What tests start as `node` is this Node too.
    const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` };
    const { status, stderr } = spawnSync(program, args, { cwd: root, env, encoding: 'utf8' });
    try {
      return JSON.parse(readFileSync(report, 'utf8')).testResults;
    } catch (cause) {
      throw new Error(`${program}: no tests ran (exit code ${status}).\n${stderr}`, { cause });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * How many tests passed, failed and were skipped, by the part of the library that they are about, and the files in which some failed.
 * @param {object[]} results of `runTests`
 */
export function countTests(results) {
  const parts = {};
  const failed = {};
  for (const { name, status, message, assertionResults } of results) {
    const file = relative(root, name);
    const part = file.split('/')[1];
    parts[part] ??= { passed: 0, failed: 0, skipped: 0 };
    for (const test of assertionResults) parts[part][test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++; // prettier-ignore
    const messages = assertionResults.flatMap((test) =>
      test.status === 'failed' ? [test.failureMessages[0] ?? ''] : [],
    );
    // A file that could not even be read has no tests.
    if (messages.length === 0 && status === 'failed') {
      parts[part].failed++;
      messages.push(message);
    }
    if (messages.length > 0) failed[file] = { tests: messages.length, first: messages[0].split('\n')[0].slice(0, 200) };
  }
  return { parts, failed };
}

const KERNELS = /^the kernels (?:"(.*)"|of gpu\.js in the mode (.*))$/;

/**
 * How many tests of each operation passed, failed and were skipped, by backend: from the suites that run over all kernels.
 * @param {object[]} results of `runTests`
 */
export function countOperations(results) {
  const counts = {};
  for (const { ancestorTitles, title, status } of results.flatMap(({ assertionResults }) => assertionResults)) {
    const at = ancestorTitles.findIndex((each) => KERNELS.test(each));
    if (at < 0) continue;
    const [, kernels, mode] = KERNELS.exec(ancestorTitles[at]);
    const operation = ancestorTitles[at + 1] ?? (mode === undefined ? undefined : title);
    if (operation === undefined) continue;
    const backend = kernels ?? `gpu-${mode}`;
    counts[backend] ??= {};
    const count = (counts[backend][operation] ??= { passed: 0, failed: 0, skipped: 0 });
    count[status === 'passed' || status === 'failed' ? status : 'skipped']++;
  }
  return counts;
}
