import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import type { Browser } from 'playwright-core';
import { build as buildWithVite, createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePage } from '../../examples/browser/server.ts';
import { noChromium, startChromium } from '../browser/chromium.ts';
import type { PageResult } from './consumer/page.ts';
import { installPackage, noRegistry, root, type InstalledPackage } from './installed.ts';

const missing = noChromium ?? (await noRegistry());
const SONG = join(root, 'data/songbook/twinkle.mid');
const HTML = '<!doctype html><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">';
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

describe.skipIf(missing !== undefined)(
  `a page that uses the installed package${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let installed: InstalledPackage;
    let browser: Browser;

    beforeAll(async () => {
      installed = await installPackage();
      cpSync(join(import.meta.dirname, 'consumer'), installed.folder, { recursive: true });
      writeFileSync(join(installed.folder, 'index.html'), `${HTML}<script type="module" src="/page.ts"></script>\n`);
      const strict = `${HTML}<meta http-equiv="Content-Security-Policy" content="worker-src 'self'">`;
      const script = '<script type="module" src="/strict-page.ts"></script>';
      writeFileSync(join(installed.folder, 'strict.html'), `${strict}${script}\n`);
      mkdirSync(join(installed.folder, 'public'));
      copyFileSync(SONG, join(installed.folder, 'public/song.mid'));
      browser = await startChromium();
    });
    afterAll(async () => {
      await browser?.close();
      installed?.remove();
    });

    /** Opens a page, lets it read, train, generate and play, and looks at what came of it. */
    async function useIt(url: string, isolated: boolean): Promise<void> {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      try {
        await page.goto(url);
        await page.waitForFunction('globalThis.run', undefined, { timeout: 60_000 });
        const cores = (await page.evaluate('navigator.hardwareConcurrency')) as number;
        const result = (await page.evaluate(
          `fetch('song.mid').then((song) => song.arrayBuffer()).then((bytes) => run(new Uint8Array(bytes)))`,
        )) as PageResult;
        expect(result).toMatchObject({ isolated, notesWritten: 12, sameClasses: true });
        const threads = isolated && cores > 1 ? `, ${Math.min(cores, 8)} threads` : '';
        expect(result.engine).toBe(`simd (relaxed)${threads}`);
        expect(result.losses).toHaveLength(4);
        for (const loss of result.losses) expect(loss).toBeGreaterThan(0);
        expect(result.notesRead).toBeGreaterThan(40);
        expect(result.samples).toBe(8000);
        expect(Math.abs(result.next)).toBeLessThan(0.3);
        expect(complaints).toEqual([]);
      } finally {
        await page.close();
      }
    }

    /** The same files, isolated from other pages and not. */
    async function useServed(folder: string): Promise<void> {
      for (const isolated of [true, false]) {
        const server = await servePage(folder, 0, isolated);
        try {
          await useIt(server.url, isolated);
        } finally {
          await server.close();
        }
      }
    }

    const bundles: [string, BuildOptions][] = [
      ['in modules, with splitting', { format: 'esm', splitting: true }],
      ['in one module', { format: 'esm' }],
      ['in one script', { format: 'iife' }],
    ];

    it.each(bundles)('runs, isolated and not, bundled by esbuild %s', async (_, options) => {
      const outdir = join(installed.folder, 'esbuild');
      rmSync(outdir, { recursive: true, force: true });
      const { warnings } = await build({
        absWorkingDir: installed.folder,
        entryPoints: ['page.ts'],
        outdir,
        bundle: true,
        minify: true,
        platform: 'browser',
        ...options,
      });
      expect(warnings).toEqual([]);
      cpSync(join(installed.folder, 'public'), outdir, { recursive: true });
      const type = options.format === 'iife' ? '' : ' type="module"';
      writeFileSync(join(outdir, 'index.html'), `${HTML}<script${type} src="page.js"></script>\n`);
      await useServed(outdir);
    });

    it('runs, isolated and not, built by Vite', async () => {
      const outDir = join(installed.folder, 'vite');
      await buildWithVite({ root: installed.folder, configFile: false, logLevel: 'silent', build: { outDir } });
      const scripts = readdirSync(join(outDir, 'assets')).filter((name) => name.endsWith('.js'));
      expect(scripts.length, 'what loads when it is used is apart').toBeGreaterThan(4);
      await useServed(outDir);
    });

    it('that may run no code from text says so, and trains on threads with a worker of its own', async (context) => {
      const outDir = join(installed.folder, 'vite-strict');
      const input = join(installed.folder, 'strict.html');
      const build = { outDir, rolldownOptions: { input }, modulePreload: false };
      await buildWithVite({
        root: installed.folder,
        configFile: false,
        logLevel: 'silent',
        build,
        worker: { format: 'es' },
      });
      const server = await servePage(outDir);
      const page = await browser.newPage();
      try {
        await page.goto(`${server.url}strict.html`);
        await page.waitForFunction('globalThis.runWithOwnWorker');
        if ((await page.evaluate('navigator.hardwareConcurrency')) === 1) context.skip('there is one core only');
        const use = (name: string): Promise<PageResult | string> =>
          page.evaluate(`fetch('song.mid').then((song) => song.arrayBuffer()).then((bytes) =>
            ${name}(new Uint8Array(bytes))).catch((error) => error.name + ': ' + error.message)`);
        expect(await use('run')).toMatch(/^WorkerError: .*worker-src blob:, or createWorker/);
        expect(await use('runWithOwnWorker')).toMatchObject({
          engine: expect.stringMatching(/threads$/),
          notesWritten: 12,
        });
      } finally {
        await page.close();
        await server.close();
      }
    });

    it.each([true, false])('runs from the development server of Vite, isolated: %s', async (isolated) => {
      const cacheDir = join(installed.folder, 'vite-cache');
      const headers = isolated ? ISOLATION : {};
      const server = await createServer({
        root: installed.folder,
        cacheDir,
        configFile: false,
        logLevel: 'silent',
        server: { port: await freePort(), host: '127.0.0.1', headers },
        optimizeDeps: { force: true },
      });
      try {
        await server.listen();
        await useIt(server.resolvedUrls!.local[0], isolated);
      } finally {
        await server.close();
      }
    });
  },
);

/** A port that is free now; Vite's page looks for its socket where it was told to. */
function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createTcpServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}
