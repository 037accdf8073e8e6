// Draws docs/images/studio.png: the page after some seconds of training, in Chromium. After npm run build:
//   node scripts/studio-picture.mjs [path of the browser]
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const executablePath = process.argv[2] ?? '/usr/bin/chromium';
const ADDRESS = '#threads=1&view-piece=songbook%2Fbach-prelude-c.mid&view-quantity=c&view-at=37&view-unit=52';

const server = spawn(process.execPath, [`${root}dist/cli/main.js`, 'studio', '--no-open', '--json']);
const url = await new Promise((resolve) => {
  server.stdout.once('data', (line) => resolve(JSON.parse(line).url));
});
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run'] });
try {
  const page = await browser.newPage({ viewport: { width: 1320, height: 940 }, colorScheme: 'light' });
  await page.goto(url + ADDRESS);
  await page.click('#start:not([disabled])');
  await page.waitForTimeout(20_000);
  await page.click('#start');
  await page.waitForSelector('#status:has-text("Paused")');
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${root}docs/images/studio.png` });
} finally {
  await browser.close();
  server.kill('SIGINT');
}
