// Plants one error at a time into the sources and requires that the tests find it: the proof that the tests of the backward passes can
// fail. Prints a table; exits with 1 when a mutant survives or no longer applies.
//
//     npm run test:mutation [-- a word that the file or the name of the mutant must contain, or a part of all: 1/4]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { JUDGES, MUTANTS } from './mutants.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 120_000;

const mutants = chosen(process.argv[2] ?? '');
const lost = MUTANTS.filter(({ file, find }) => readFileSync(join(root, file), 'utf8').split(find).length !== 2);
for (const { file, name, find } of lost) {
  console.error(`no longer applies: ${file}, "${name}": expected once, and once only: ${JSON.stringify(find)}`);
}
if (lost.length > 0 || mutants.length === 0) process.exit(1);

const started = performance.now();
await expectHealthy();
const survivors = await judgeAll();
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`\n${mutants.length - survivors} of ${mutants.length} mutants were found in ${seconds} s.`);
process.exitCode = survivors > 0 ? 1 : 0;

/** Those with a word in them, or of `2/4` the second, the sixth and so on: each part has mutants of every file. */
function chosen(asked) {
  const part = /^(\d+)\/(\d+)$/.exec(asked);
  if (!part) return MUTANTS.filter(({ file, name }) => `${file} ${name}`.includes(asked));
  const [at, parts] = part.slice(1).map(Number);
  return MUTANTS.filter((_, index) => index % parts === at - 1);
}

/** All judges must be content with the sources as they are, or finding mutants would mean nothing. */
async function expectHealthy() {
  const judges = [...new Set(mutants.map(({ judge }) => judge))];
  await inParallel(judges, async (judge, runTests) => {
    const { failed, passed, problem } = await runTests(JUDGES[judge]);
    if (problem ?? failed) throw new Error(`Without any mutant the tests "${judge}" fail: ${problem ?? failed}`);
    if (passed === 0) throw new Error(`No test matches the pattern of the judge "${judge}".`);
    console.log(`${judge}: ${passed} tests pass without a mutant`);
  });
}

/** @returns how many mutants no test found */
async function judgeAll() {
  let survivors = 0;
  await inParallel(mutants, async (mutant, runTests) => {
    const { file, name, judge } = mutant;
    const { failed, problem } = await runTests({ ...mutant, ...JUDGES[judge] });
    if (!failed) survivors++;
    const verdict = failed ? 'found   ' : problem ? 'BROKEN  ' : 'SURVIVED';
    const reason = failed?.slice(-90) ?? problem ?? judge;
    console.log(`${verdict} ${file.replace('src/', '').padEnd(32)} ${name.padEnd(52)} ${reason}`);
  });
  return survivors;
}

/** Works through `items`, a process with a judge to each core; `work` is given what runs tests there. */
async function inParallel(items, work) {
  const waiting = [...items];
  const processes = Math.min(availableParallelism(), items.length);
  await Promise.all(
    Array.from({ length: processes }, async () => {
      let judge;
      const runTests = async (order) => {
        judge ??= await startJudge();
        const result = await askJudge(judge, order);
        if (!result.ended) return result;
        judge = undefined;
        return result;
      };
      try {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, runTests);
      } finally {
        judge?.kill();
      }
    }),
  );
}

async function startJudge() {
  const env = { ...process.env, ETUDE_RUNS: process.env.ETUDE_RUNS ?? '12', ETUDE_SHRINK: 'no' };
  const judge = fork(fileURLToPath(new URL('judge.mjs', import.meta.url)), { env });
  await Promise.race([
    once(judge, 'message'),
    once(judge, 'exit').then(() => {
      throw new Error('The process that runs the tests ended before it was ready.');
    }),
  ]);
  return judge;
}

/** @returns the first test that failed, how many passed, what else went wrong, and whether the process is no more */
function askJudge(judge, order) {
  return new Promise((resolve) => {
    const end = (result) => {
      clearTimeout(timer);
      judge.removeAllListeners();
      resolve(result);
    };
    const timer = setTimeout(() => {
      judge.kill('SIGKILL');
      end({ ended: true, problem: `no end after ${LIMIT_MS / 1000} s` });
    }, LIMIT_MS);
    judge.on('message', end);
    judge.on('exit', (code) => end({ ended: true, problem: `the tests ended their process with ${code}` }));
    judge.send(order);
  });
}
