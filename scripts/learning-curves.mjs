// Makes bench/results/learning.json and docs/images/learning-curves.svg from two finished runs:
//   node scripts/learning-curves.mjs RUN-WITH-TUTORIAL RUN-WITH-QUICK
// and bench/results/tutorial.json from one: node scripts/learning-curves.mjs RUN-WITH-TUTORIAL
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
const save = (name, result) => writeFileSync(`${root}bench/results/${name}`, `${JSON.stringify(result, null, 1)}\n`);
if (runs.length === 1) {
  save('tutorial.json', runs[0]);
} else {
  const result = { ...overtaking(...runs), runs };
  save('learning.json', result);
  writeFileSync(`${root}docs/images/learning-curves.svg`, learningCurves(runs));
  const [slow, fast] = runs.map(({ preset }) => preset);
  console.log(
    `best of ${slow}: ${result.best.pitch} at step ${result.best.step}; ${fast} passes it by step ${result.passedAt}`,
  );
}
