// A process that runs the tests of one mutant after another and keeps what it has compiled. A mutant is read in the place of its file:
// nothing is written. check.mjs starts it, and ends it where tests do not come to an end.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What is on trial: the path of a file, and the text that is read instead. */
let mutant;
/** What the run so far has shown. */
let seen;

const vitest = await createVitest(
  'test',
  {
    // As vitest.config.ts has it for the tests that run together, but without its projects, which would not see the mutant.
    config: false,
    root,
    watch: false,
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 20_000,
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    bail: 1,
    reporters: [{ onTestCaseResult: note, onTestModuleEnd: (module) => seen.errors.push(...module.errors()) }],
  },
  { plugins: [{ name: 'mutant', enforce: 'pre', load: (id) => (id === mutant?.path ? mutant.text : undefined) }] },
);
await vitest.standalone();

process.on('message', async ({ file, find, replace, files, pattern }) => {
  seen = { passed: 0, errors: [] };
  try {
    if (file) plant(root + file, find, replace);
    await runTests(files, pattern);
  } catch (thrown) {
    seen.errors.push(thrown);
  }
  uproot();
  process.send({ ...seen, errors: undefined, problem: seen.errors[0]?.message?.slice(0, 200) });
});
process.send('ready');

function plant(path, find, replace) {
  mutant = { path, text: readFileSync(path, 'utf8').replace(find, () => replace) };
  vitest.invalidateFile(path);
}

function uproot() {
  if (mutant) vitest.invalidateFile(mutant.path);
  mutant = undefined;
}

/** Up to the first test that fails. */
async function runTests(files, pattern) {
  if (pattern) vitest.setGlobalTestNamePattern(pattern);
  else vitest.resetGlobalTestNamePattern();
  const { unhandledErrors } = await vitest.runTestSpecifications(await vitest.globTestSpecifications(files));
  seen.errors.push(...unhandledErrors);
}

function note(test) {
  const { state } = test.result();
  if (state === 'passed') seen.passed++;
  if (state === 'failed') seen.failed ??= test.fullName;
}
