import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ONE_WAY } from '../../../bench/interop/models.ts';
import { batchFor, largestDifference, randomModel, runNetwork } from '../../../bench/interop/ours.ts';
import { toOnnx } from '../../../src/interop/index.ts';
import { noChromium, startChromium } from '../../browser/chromium.ts';

const RUNTIME = join(import.meta.dirname, '../../../node_modules/onnxruntime-web/dist');
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};
const MODELS = Object.keys(ONE_WAY).filter((name) => /^two layers of|^the preset (quick|performance)/.test(name));

/** Serves the page, its program, the models, and the WebAssembly of onnxruntime-web. */
async function serve(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'in-page/main.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'warning',
  });
  const content = (path: string): Uint8Array | string => {
    if (path === '/main.js') return outputFiles[0].contents;
    if (path.startsWith('/models/')) return toOnnx(randomModel(ONE_WAY[MODELS[parseInt(path.slice(8))]])).bytes;
    if (path.startsWith('/onnxruntime/')) return readFileSync(join(RUNTIME, path.slice('/onnxruntime/'.length)));
    return '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>';
  };
  const server = createServer(({ url = '/' }, response) => {
    response.setHeader('Content-Type', TYPES[extname(url)] ?? (url === '/' ? 'text/html' : 'application/octet-stream'));
    response.end(content(url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

describe.skipIf(noChromium !== undefined)(`onnxruntime-web in Chromium${noChromium ? ` (skipped: ${noChromium})` : ''}`, () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await serve();
    browser = await startChromium();
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('"runModel" in globalThis');
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  it.each(MODELS.map((name, k) => [name, k] as const))('runs %s as we do', async (name, k) => {
    const heads = await page.evaluate<number[][]>(`runModel('/models/${k}', 3, 12)`);
    const spec = ONE_WAY[name];
    const expected = runNetwork(randomModel(spec), batchFor(spec, 3, 12)).heads;
    expect(heads).toHaveLength(expected.length);
    heads.forEach((said, head) => {
      expect(largestDifference(said, expected[head])).toBeLessThan(1e-5);
    });
  });
}); // prettier-ignore
