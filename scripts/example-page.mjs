// Builds the page of examples/browser and serves it on this machine: npm run example:page [-- PORT]
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildExamplePage } from './build-example-page.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}dist/examples/page`;
await buildExamplePage(folder);
const { outputFiles } = await build({
  entryPoints: [`${root}examples/browser/server.ts`],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { servePage } = await import(`data:text/javascript;base64,${code}`);
const { url } = await servePage(folder, Number(process.argv[2] ?? 0));
console.log(`The page is at ${url}. Ctrl-C ends it.`);
