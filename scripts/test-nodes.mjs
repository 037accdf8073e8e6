// Runs what depends on the JavaScript engine (kernels, engines, threads, resumed runs) on the Nodes that people have beside the one at
// hand: npm run test:nodes [24 26]
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchNode, NODES, nodesRunHere } from './nodes.mjs';

/** Node 20 is what `npm test` is run on; 22 takes the same kernels as 20, and the package's tests start it. */
const LINES = ['24', '26'];
/** Files of tests, by how their paths begin; of the slow set those that compare joined code with code that is not joined, and processes. */
const TESTS = [
  ...['test/tensor/', 'test/nn/cells/', 'test/music/train', 'test/cli/train'],
  ...['threads', 'local-engine', 'trainer', 'stepper', 'golden', 'optimizers', 'checkpoint', 'carried-state'].map(
    (name) => `test/nn/${name}`,
  ),
  ...['resume-across-builds', 'initial-weights', 'many-batch-sizes', 'gradient-check'].map((name) => `test/nn/${name}`),
];
const SLOW_TESTS = ['test/tensor/simd/', 'test/cli/train-process', 'test/cli/hard-times'];

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** Whether the tests pass on the Node at `program`. */
function passes(program) {
  // What tests start as `node` is this Node too.
  const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` };
  return [TESTS, ['--config', 'vitest.slow.config.ts', ...SLOW_TESTS]]
    .map((tests) => spawnSync(program, [vitest, 'run', ...tests], { cwd: root, stdio: 'inherit', env }).status)
    .every((status) => status === 0);
}

const asked = process.argv.slice(2);
const lines = asked.length > 0 ? asked : LINES;
const versions = lines.map((line) => NODES.find((version) => version.startsWith(`${line}.`)));
if (!nodesRunHere || versions.includes(undefined)) {
  console.error(`test:nodes: expected lines of ${NODES.join(', ')}, on Linux with x64, got ${lines.join(' ')}.`);
  process.exit(1);
}
const outcomes = [];
for (const version of versions) {
  const program = await fetchNode(version);
  console.log(`\n== Node ${version}`);
  const begin = performance.now();
  const passed = passes(program);
  const seconds = Math.round((performance.now() - begin) / 1000);
  outcomes.push({ passed, sentence: `Node ${version}: ${passed ? 'passed' : 'FAILED'} in ${seconds} s` });
}
console.log(`\n${outcomes.map(({ sentence }) => sentence).join('\n')}`);
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
