// Runs a program of bench/ from its TypeScript source: node scripts/bench.mjs verify [arguments]
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...rest] = process.argv.slice(2);
// Not into dist/, which is published, but where the installed packages are found.
const outfile = `${root}node_modules/.cache/etude-bench/${name.replaceAll('/', '-')}.mjs`;
await build({
  entryPoints: [`${root}bench/${name}.ts`],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
process.argv = [process.argv[0], outfile, ...rest];
await import(pathToFileURL(outfile));
