import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { DESKTOP, noBrowser, ready, startBrowser } from '../browser.ts';
import { startStudio } from './user.ts';

const etude = useBuiltEtude();

/** Bytes, compressed as a web server would. */
const MOST = 250_000;

describe.skipIf(noBrowser !== undefined)(
  `the first load of the studio${noBrowser ? ` (skipped: ${noBrowser})` : ''}`,
  () => {
    it('is small: all that comes before anything is pressed', async () => {
      const browser = await startBrowser();
      const server = await startStudio(etude);
      try {
        const page = await browser.newPage({ viewport: DESKTOP });
        const bodies = new Map<string, Promise<Buffer>>();
        page.context().on('response', (response) => bodies.set(new URL(response.url()).pathname, response.body()));
        await page.goto(server.url, { waitUntil: 'networkidle' });
        await ready(page);
        await page.waitForLoadState('networkidle');
        await page.waitForTimeout(1000);
        const sizes = await Promise.all([...bodies].map(async ([name, body]) => ({ name, size: gzipSync(await body, { level: 9 }).length }))); // prettier-ignore
        sizes.sort((a, b) => b.size - a.size);
        const whole = sizes.reduce((sum, { size }) => sum + size, 0);
        console.log(`${whole} bytes: ${sizes.map(({ name, size }) => `${name} ${size}`).join(', ')}`);
        // What the page, its engine and the engine's threads are made of is among it.
        const names = sizes.map(({ name }) => name);
        for (const name of ['/', '/page.js', '/style.css', '/engine.js', '/songbook.json'])
          expect(names).toContain(name);
        expect(whole).toBeLessThan(MOST);
      } finally {
        await browser.close();
        server.process.child.kill('SIGINT');
        await server.process.ended;
      }
    });
  },
);
