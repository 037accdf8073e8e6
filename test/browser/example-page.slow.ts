import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePage, type PageServer } from '../../examples/browser/server.ts';
import { buildExamplePage } from '../../scripts/build-example-page.mjs';
import { noChromium, startChromium } from './chromium.ts';

describe.skipIf(noChromium !== undefined)(
  `the page that trains${noChromium ? ` (skipped: ${noChromium})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'etude-example-page-'));
    let browser: Browser;
    let server: PageServer;

    beforeAll(async () => {
      await buildExamplePage(folder);
      server = await servePage(folder);
      browser = await startChromium();
    });
    afterAll(async () => {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** A page in which small models train; the test fails where the page complains or asks another host. */
    async function withPage(test: (page: Page, asked: string[]) => Promise<void>): Promise<void> {
      const page = await browser.newPage();
      const complaints: string[] = [];
      const asked: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('request', (request) => asked.push(request.url()));
      try {
        await page.goto(server.url);
        await page.selectOption('#hidden-size', '16');
        await page.selectOption('#batch-size', '8');
        await test(page, asked);
        expect(complaints).toEqual([]);
        expect(asked.filter((url) => !url.startsWith(server.url) && !/^(blob|data):/.test(url))).toEqual([]);
      } finally {
        await page.close();
      }
    }

    async function trainUntil(page: Page, backend: string, steps: number): Promise<void> {
      await page.selectOption('#backend', backend);
      await page.click('#start');
      await page.waitForFunction(`Number(document.querySelector('#step').textContent) >= ${steps}`);
    }

    async function stopped(page: Page): Promise<string> {
      await page.click('#stop');
      await page.waitForSelector('#start:not([disabled])');
      return (await page.textContent('#status'))!;
    }

    it.each([
      ['gpu-webgpu', 'gpu.js webgpu'],
      ['gpu-webgl2', 'gpu.js webgl2'],
      ['gpu-webasm', 'gpu.js webasm'],
      ['simd', 'simd'],
    ])('trains with %s: losses fall live, it says what ran, and it stops', (backend, name) =>
      withPage(async (page) => {
        // SIMD would be over with a small network before anybody could stop it.
        if (backend === 'simd') await page.selectOption('#hidden-size', '128');
        await trainUntil(page, backend, 8);
        const first = Number(await page.textContent('#loss'));
        expect(first).toBeGreaterThan(1);
        await page.waitForFunction(`Number(document.querySelector('#loss').textContent) < ${first}`);
        expect(await page.textContent('#status')).toContain(`Training on ${name}`);
        expect((await page.getAttribute('#curve polyline', 'points'))!.split(' ').length).toBeGreaterThan(8);
        expect(await stopped(page)).toMatch(new RegExp(`^Stopped after \\d+ steps on ${name}`));
        expect(await page.textContent('#fallback')).toBe('');
      }),
    );

    it('takes SIMD where there is no GPU, says so, and loads gpu.js only to find that out', () =>
      withPage(async (page, asked) => {
        await trainUntil(page, 'simd', 2);
        const before = asked.length;
        expect(await stopped(page)).toContain('simd');
        expect(
          asked.map((url) => readSize(url)).filter((bytes) => bytes > 400_000),
          'no gpu.js yet',
        ).toEqual([]);
        // SwiftShader is no GPU; on a machine with one, that is what trains.
        await trainUntil(page, 'gpu', 2);
        expect(asked.length).toBeGreaterThan(before);
        const reason = (await page.textContent('#fallback'))!;
        const status = await stopped(page);
        if (reason === '') expect(status).toMatch(/on gpu\.js web/);
      else expect([status, reason]).toEqual([expect.stringContaining('on simd'), expect.stringMatching(/^Training on SIMD instead\. .*no GPU/)]); // prettier-ignore
      }));

    it('holds no line of midi-parser-js', () => {
      const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
      expect(scripts.length).toBeGreaterThan(1);
      for (const name of scripts) expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(/MidiParser|colxi/);
    });

    /** The size of a script that was asked for. */
    function readSize(url: string): number {
      const name = new URL(url).pathname.slice(1);
      return name.endsWith('.js') ? readFileSync(join(folder, name)).length : 0;
    }
  },
);
