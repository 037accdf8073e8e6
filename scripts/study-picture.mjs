// Draws docs/images/study.png: part of the page of a study, in Chromium. After npm run build:
//   node scripts/study-picture.mjs MODEL SONG [path of the browser]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const [model, song, executablePath = '/usr/bin/chromium'] = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), 'etude-study-'));
const file = join(folder, 'study.html');
execFileSync(process.execPath, [`${root}dist/cli/main.js`, 'study', model, song, '--at', '100', '--out', file]);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run'] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  await page.goto(`${pathToFileURL(file).href}#note-100`);
  await page.waitForSelector('#note-panel dl');
  await page.evaluate(`document.querySelector('#timeline h2').scrollIntoView()`);
  await page.waitForTimeout(1000);
  await page.screenshot({ path: `${root}docs/images/study.png` });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
