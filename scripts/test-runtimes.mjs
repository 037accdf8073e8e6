// The road from music to music, and the library's tests, on Bun and Deno: npm run test:runtimes [Bun Deno]. What is known not to run there
// stands in bench/results/features.json, and so in FEATURES.md; anything else that fails, fails here.
import { readFileSync } from 'node:fs';
import { nodesRunHere } from './nodes.mjs';
import { countTests, LIBRARY_TESTS, runTests } from './platform-tests.mjs';
import { differences, walk } from './road.mjs';
import { fetchRuntime, RUNTIMES } from './runtimes.mjs';

const asked = process.argv.slice(2);
const runtimes = RUNTIMES.filter(({ name }) => asked.length === 0 || asked.includes(name));
if (!nodesRunHere || runtimes.length === 0) {
  console.error(`test:runtimes: expected ${RUNTIMES.map(({ name }) => name).join(', ')}, on Linux with x64.`);
  process.exit(1);
}
const { engines } = JSON.parse(readFileSync(new URL('../bench/results/features.json', import.meta.url), 'utf8'));
const expected = walk([process.execPath]);
for (const runtime of runtimes) {
  const begin = performance.now();
  const name = `${runtime.name} ${runtime.version}`;
  const start = await fetchRuntime(runtime);
  const wrong = differences(walk(start), expected, runtime.sameBits);
  const { parts, failed } = countTests(runTests(start, ['--project', 'together', ...LIBRARY_TESTS]));
  for (const [file, { tests, first }] of Object.entries(failed)) {
    const known = engines[name]?.failed[file]?.tests ?? 0;
    if (tests > known) wrong.push(`${file}: ${tests} tests failed, ${known} are known to: ${first}`);
  }
  const passed = Object.values(parts).reduce((sum, part) => sum + part.passed, 0);
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.log(`${name}: ${wrong.length === 0 ? 'passed' : 'FAILED'} in ${seconds} s, ${passed} tests passed`);
  for (const each of wrong) console.log(`  ${each}`);
  if (wrong.length > 0 || passed === 0) process.exitCode = 1;
}
