// Runs the tests of the library on everything that runs it, and writes what came out into bench/results/features.json, of which `npm run
// bench:pages` makes FEATURES.md: npm run features [Node Bun Deno Chromium Firefox operations]
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fetchNode, NODES } from './nodes.mjs';
import { countOperations, countTests, LIBRARY_TESTS, runTests } from './platform-tests.mjs';
import { differences, walk } from './road.mjs';
import { fetchRuntime, RUNTIMES } from './runtimes.mjs';

const path = fileURLToPath(new URL('../bench/results/features.json', import.meta.url));
/** The Node whose V8 has all builds of the kernels. */
const OPERATIONS_NODE = NODES.find((version) => version.startsWith('24.'));
const SLOW = ['--config', 'vitest.slow.config.ts', '--project'];
/** What is run in browsers: the engine and gpu.js in a page (Chromium), what pages are made of, and the studio, which trains and plays. */
const PAGES = ['test/pages/kit/', 'test/pages/studio/cells', 'test/pages/studio/keyboard'];
const BROWSERS = {
  Chromium: [...SLOW, 'slow', 'test/browser/gpu', ...PAGES],
  Firefox: [...SLOW, 'Firefox', ...PAGES],
};

let expected;
const asked = process.argv.slice(2);
const all = ['operations', 'Node', ...RUNTIMES.map(({ name }) => name), ...Object.keys(BROWSERS)];
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`features: expected some of ${all.join(', ')}, got ${unknown.join(', ')}.`);

for (const name of asked.length > 0 ? asked : all) {
  if (name === 'operations') await testOperations();
  else if (name === 'Node') for (const version of NODES) await testNode(version);
  else if (name in BROWSERS) note('browsers', name, countTests(runTests([process.execPath], BROWSERS[name])));
  else await testRuntime(RUNTIMES.find((runtime) => runtime.name === name));
}

async function testOperations() {
  const start = [await fetchNode(OPERATIONS_NODE)];
  const suites = [
    ['--project', 'together', 'test/tensor/conformance/', 'test/tensor/gpu/kernels.test.ts'],
    [...SLOW, 'slow', 'test/tensor/gpu/kernels.slow.ts'],
  ];
  const results = suites.flatMap((words) => runTests(start, words));
  for (const [backend, counts] of Object.entries(countOperations(results))) note('operations', backend, counts);
}

async function testNode(version) {
  const start = [await fetchNode(version)];
  const counts = countTests(runTests(start, ['--project', 'together', ...LIBRARY_TESTS]));
  note('engines', `Node ${version}`, { ...counts, road: roadOn(start, true) });
}

async function testRuntime(runtime) {
  const start = await fetchRuntime(runtime);
  const counts = countTests(runTests(start, ['--project', 'together', ...LIBRARY_TESTS]));
  note('engines', `${runtime.name} ${runtime.version}`, { ...counts, road: roadOn(start, runtime.sameBits) });
}

/** Whether the road ends where it ends on the Node that runs this: with the same bits, with losses that round otherwise, or not. */
function roadOn(start, bits) {
  expected ??= walk([process.execPath]);
  const wrong = differences(walk(start), expected, bits);
  if (wrong.length > 0) return wrong.join('; ');
  return bits ? 'same bits' : 'same losses';
}

/** Writes at once what is known, so that a run which is stopped has not run in vain. */
function note(part, name, outcome) {
  const features = JSON.parse(readFileSync(path, 'utf8'));
  features[part][name] = outcome;
  writeFileSync(path, `${JSON.stringify(features, null, 2)}\n`);
  console.log(`${part}: ${name}`);
}
