import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { createWorkload, LEARNING_RATE, REFERENCE, REFERENCE_LOSSES, TorchAdam } from '../../bench/workload.ts';
import { servePage, type PageServer } from '../../examples/browser/server.ts';
import { LocalEngine } from '../../src/nn/local-engine.ts';
import type { GpuMode } from '../../src/tensor/gpu/modes.ts';
import { createKernels, Random } from '../../src/tensor/index.ts';
import { buildTestPage } from './build-page.ts';
import { noChromium, startChromium } from './chromium.ts';
import type { InPage } from './in-page/main.ts';

/** Those that a browser can have. */
const MODES = ['webgpu', 'webgl2', 'webasm', 'cpu'] as const satisfies readonly GpuMode[];
/** How many shapes of each kernel, and how many models: compiling takes SwiftShader long. */
const RUNS: Record<(typeof MODES)[number], number> = { webgpu: 4, webgl2: 1, webasm: 6, cpu: 6 };
/** Training steps whose losses are compared; each takes SwiftShader seconds. */
const STEPS = 10;
/** The losses in single precision on any GPU against those of our own kernels. */
const LOSS_BOUND = 1e-4;

describe.skipIf(noChromium !== undefined)(`gpu.js in Chromium${noChromium ? ` (skipped: ${noChromium})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'etude-gpu-page-'));
  const ran = new Map<string, string>();
  const missing = new Map<string, string>();
  let browser: Browser;
  let server: PageServer;

  beforeAll(async () => {
    await buildTestPage(folder);
    server = await servePage(folder);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
    const modes = [...ran].map(([mode, engine]) => `${mode} (${engine})`).join('; ');
    const reasons = [...missing].map(([mode, reason]) => `; not ${mode}: ${reason}`).join('');
    console.log(`gpu.js in Chromium: ${ran.size} of ${MODES.length} modes ran: ${modes}${reasons}`);
  });

  describe.each(MODES)('in the mode %s', (mode) => {
    let page: Page;
    let foundMissing: string | undefined;

    beforeAll(async () => {
      page = await openPage(browser, server.url);
      foundMissing = (await ask(page, 'find', mode)).missing;
      if (foundMissing !== undefined) missing.set(mode, foundMissing);
    });
    afterAll(() => page.close());

    const needsMode = (context: TestContext): void => {
      if (foundMissing !== undefined) context.skip(foundMissing);
    };

    it('every kernel is right in double precision’s eyes', async (context) => {
      needsMode(context);
      expect(failures(await ask(page, 'kernels', mode, RUNS[mode]))).toEqual([]);
    });

    it('whole models have the right gradients, and train as the engine of a thread does', async (context) => {
      needsMode(context);
      expect(failures(await ask(page, 'engine', mode, RUNS[mode]))).toEqual([]);
    });

    it(`${STEPS} steps of the tutorial's model give the reference losses, and nothing is left behind`, async (context) => {
      needsMode(context);
      const { losses, engine, secondsPerStep, handlesLeft } = await ask(page, 'trainReference', mode, STEPS);
      const expected = await referenceLosses(STEPS);
      expect(losses).toHaveLength(STEPS);
      losses.forEach((loss, step) => {
        expect(Math.abs(loss - expected[step]), `step ${step + 1}: ${loss}`).toBeLessThan(LOSS_BOUND);
      });
      expect(engine).toContain(`gpu.js ${mode}`);
      expect(engine).not.toMatch(/instead of|unfused/);
      expect(handlesLeft).toBe(0);
      ran.set(mode, `${engine}, ${secondsPerStep.toFixed(1)} s a step`);
    });
  });

  it('webasm has threads on a page that is isolated, and none elsewhere', async (context) => {
    const open = await servePage(folder, 0, false);
    const pages = await Promise.all([server.url, open.url].map((url) => openPage(browser, url)));
    try {
      const [isolated, other] = await Promise.all(
        pages.map(async (page) => [await ask(page, 'isIsolated'), await ask(page, 'executorOf', 'webasm')]),
      );
      expect(other).toEqual([false, 'fused-sync']);
      expect(isolated[0]).toBe(true);
      if ((await pages[0].evaluate('navigator.hardwareConcurrency')) === 1) context.skip('there is one core only');
      expect(isolated[1]).toBe('fused-threaded');
    } finally {
      await open.close();
    }
  });
});

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction('globalThis.page');
  return page;
}

/** Calls a function of the page; see in-page/main.ts. */
async function ask<K extends keyof InPage>(page: Page, name: K, ...args: Parameters<InPage[K]>) {
  return (await page.evaluate(`page.${name}(...${JSON.stringify(args)})`)) as ReturnType<InPage[K]>;
}

function failures(outcomes: ReturnType<InPage['kernels']>): unknown[] {
  expect(outcomes.length).toBeGreaterThan(5);
  return outcomes.filter(({ error }) => error !== undefined);
}

/** The losses of our own kernels, which are held to those of five other implementations. */
async function referenceLosses(steps: number): Promise<number[]> {
  const { spec, parameters, batch } = createWorkload(REFERENCE);
  const optimizer = new TorchAdam();
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const engine = new LocalEngine(spec, { kernels: createKernels(), optimizer, steps: REFERENCE.seqLength, ...streams });
  await engine.writeParameters(parameters);
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    optimizer.nextStep();
    losses.push((await engine.trainStep(batch, LEARNING_RATE)).loss);
    const known = REFERENCE_LOSSES.find(([at]) => at === step);
    if (known) expect(losses.at(-1)).toBeCloseTo(known[1], 5);
  }
  await engine.dispose();
  return losses;
}
