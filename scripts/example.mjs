// Runs an example from its TypeScript source against the built library: node scripts/example.mjs sine [arguments]
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const [name, ...rest] = process.argv.slice(2);
const outfile = resolve(`dist/examples/${name}.mjs`);
await build({
  entryPoints: [`examples/${name}.ts`],
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
