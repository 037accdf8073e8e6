// Makes bench/results/learning.json and docs/images/learning-curves.svg from two finished runs:
//   node scripts/learning-curves.mjs RUN-WITH-TUTORIAL RUN-WITH-QUICK
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [`${root}scripts/learning-curves.ts`],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { readRun, overtaking, learningCurves } = await import(`data:text/javascript;base64,${code}`);
const runs = process.argv.slice(2).map((folder) => {
  const text = (name) => readFileSync(`${folder}/${name}`, 'utf8');
  return readRun(text('config.json'), text('log.jsonl'));
});
const result = { ...overtaking(...runs), runs };
writeFileSync(`${root}bench/results/learning.json`, `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(`${root}docs/images/learning-curves.svg`, learningCurves(runs));
console.log(
  `best of ${runs[0].preset}: ${result.best.pitch} at step ${result.best.step}; ${runs[1].preset} passes it by step ${result.passedAt}`,
);
