// Makes the README's performance section and the tables of docs/performance.md, docs/simd.md, docs/distributed.md and FEATURES.md from the result files: npm run bench:pages.
// With --check it writes nothing and fails where they are not what the result files give.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { withDistributedTables } from './distributed.ts';
import { withFeatureTables, type Features } from './features.ts';
import { readResults } from './figures.ts';
import { withReadmeSection, withTables } from './sections.ts';
import { withSimdTable } from './simd.ts';

const check = process.argv.includes('--check');
const results = readResults('bench/results');
const stale: string[] = [];
for (const [path, update] of [
  ['README.md', withReadmeSection],
  ['docs/performance.md', withTables],
  ['docs/simd.md', withSimdTable],
  ['docs/distributed.md', (page: string) => withDistributedTables(page, 'bench/results')],
  [
    'FEATURES.md',
    (page: string) =>
      withFeatureTables(page, JSON.parse(readFileSync('bench/results/features.json', 'utf8')) as Features),
  ],
] as const) {
  if (!existsSync(path)) continue;
  const before = readFileSync(path, 'utf8');
  const after = update(before, results);
  if (after === before) continue;
  stale.push(path);
  if (!check) writeFileSync(path, after);
}
console.log(
  stale.length === 0 ? 'All pages are up to date.' : `${check ? 'Out of date' : 'Written'}: ${stale.join(', ')}`,
);
if (check && stale.length > 0) process.exitCode = 1;
