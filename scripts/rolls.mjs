// Draws docs/images/rolls.png: music of a person, of the preset `quick` as it used to be drawn, and of `performance`:
//   node scripts/rolls.mjs MAESTRO RUN-WITH-QUICK RUN-WITH-PERFORMANCE [path of the browser]
// MAESTRO is a folder of MAESTRO v2.0.0 (CC BY-NC-SA 4.0), of which nothing but the picture of some seconds is kept.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder, quick, performance, executablePath = '/usr/bin/chromium'] = process.argv.slice(2);
const outfile = `${root}node_modules/.cache/rolls.mjs`;
await build({
  entryPoints: [`${root}scripts/rolls.ts`],
  bundle: true,
  outfile,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
});
const { rolls } = await import(pathToFileURL(outfile).href);
const pictures = await rolls(folder, { quick, performance });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run'] });
try {
  const page = await browser.newPage({ viewport: { width: 1220, height: 900 }, colorScheme: 'light' });
  await page.setContent(`<body style="margin:10px;background:#fff">${pictures.join('')}</body>`);
  await page.screenshot({ path: `${root}docs/images/rolls.png`, fullPage: true });
} finally {
  await browser.close();
}
