// Brings docs/lstm.md and its pictures up to date: every snippet, number and figure between markers.
//   npm run lesson                the page and docs/images/lstm-*.svg, from the model in scripts/lesson
//   npm run lesson -- --check     writes nothing; exit code 1 where something is out of date
//   npm run lesson -- --train     first trains that model anew, about a minute
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}node_modules/.cache/etude-lesson/main.mjs`;
await build({
  entryPoints: [`${root}scripts/lesson/main.ts`],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
const { main } = await import(pathToFileURL(outfile));
process.exitCode = await main(root, process.argv.slice(2));
