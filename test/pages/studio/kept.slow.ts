import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMidi } from '../../../src/midi/index.ts';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import {
  COUNT_COLOURS,
  DESKTOP,
  newPage,
  inBrowser,
  noBrowser,
  ready,
  startBrowser,
  type TestBrowser,
} from '../browser.ts';
import {
  drop,
  dropBytes,
  enter,
  isKept,
  keptSteps,
  save,
  startStudio,
  trainSteps,
  waitUntil,
  type RunningStudio,
} from './user.ts';

const etude = useBuiltEtude();
const SETTINGS = '#preset=quick&seed=5&threads=1&seq-length=10&hidden-size=16';
const SONGS = ['twinkle.mid', 'brahms-lullaby.mid'];

describe.skipIf(noBrowser)(`what a visit leaves ${inBrowser}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'etude-kept-'));
  let browser: TestBrowser;
  let server: RunningStudio;
  let port: string;

  beforeAll(async () => {
    browser = await startBrowser();
    server = await startStudio(etude, '--port', '0');
    ({ port } = new URL(server.url));
  });

  afterAll(async () => {
    await (browser as TestBrowser | undefined)?.close();
    await stop(server);
    rmSync(folder, { recursive: true, force: true });
  });

  async function stop({ process }: RunningStudio): Promise<void> {
    process.child.kill('SIGINT');
    expect((await process.ended).code).toBe(0);
  }

  /** One browser with what it keeps, in which pages are opened; they may not complain. */
  async function withBrowser(test: (open: (hash?: string) => Promise<Page>) => Promise<void>): Promise<void> {
    const context: BrowserContext = await browser.newContext({ viewport: DESKTOP });
    const all: string[] = [];
    try {
      await test(async (hash = '') => {
        const { page, complaints } = await newPage(context, new URL(server.url).origin);
        page.on('close', () => all.push(...complaints));
        await page.goto(`${server.url}${hash}`);
        await ready(page);
        return page;
      });
      for (const page of context.pages()) await page.close();
      expect(all).toEqual([]);
    } finally {
      await context.close();
    }
  }

  async function train(page: Page, steps: number): Promise<void> {
    await drop(page, SONGS);
    await page.waitForSelector('#data :text("2 pieces")');
    await page.waitForSelector('#status:has-text("A new network")');
    await trainSteps(page, steps);
  }

  async function modelOf(page: Page, name: string): Promise<Buffer> {
    return readFileSync(await save(page, '#save-model', join(folder, name)));
  }

  it('is gone on with after page and server were closed, to the same numbers as if nothing had been', async () => {
    let expected: Buffer | undefined;
    let generated: Buffer | undefined;
    await withBrowser(async (open) => {
      const page = await open(SETTINGS);
      await train(page, 6);
      expected = await modelOf(page, 'undisturbed.safetensors');
    });
    await withBrowser(async (open) => {
      const first = await open(SETTINGS);
      await train(first, 3);
      await enter(first, '#field-new-notes', '9');
      await first.click('#draw');
      await first.waitForSelector('#drawn:has-text("Note 9 of 9")');
      generated = readFileSync(await save(first, 'text="Save MIDI"', join(folder, 'generated.mid')));
      await first.waitForTimeout(4000);
      await isKept(first, 3);
      await first.close();
      await stop(server);
      server = await startStudio(etude, '--port', port);

      const second = await open();
      expect(new URL(second.url()).port).toBe(port);
      expect(await second.textContent('.message.offer')).toMatch(/^Go on with the network of \d\d:\d\d \(step 3\)\?/);
      await second.click('text="Go on"');
      await second.waitForSelector('#status:has-text("Your network, trained for 3 steps")');
      await second.waitForSelector('#data :text("2 pieces")');
      expect(await second.inputValue('#setting-hidden-size')).toBe('16');
      await second.waitForSelector('#drawn:has-text("Note 9 of 9")');
      const again = await save(second, 'text="Save MIDI"', join(folder, 'again.mid'));
      expect(readFileSync(again).equals(generated!)).toBe(true);
      const chart = second.locator('canvas[aria-label^="Loss of each head"]');
      expect(await chart.evaluate(COUNT_COLOURS)).toBeGreaterThan(4);
      await trainSteps(second, 3, 3);
      expect((await modelOf(second, 'again.safetensors')).equals(expected!)).toBe(true);
      await isKept(second, 6);
    });
  });

  it('goes on with the music that it has learned from, where the page has other music by now', async () => {
    await withBrowser(async (open) => {
      const first = await open(SETTINGS);
      await train(first, 2);
      await drop(first, ['bach-prelude-c.mid']);
      await first.waitForSelector('.message:has-text("The music is another now")');
      await trainSteps(first, 1, 2);
      await isKept(first, 3);
      await first.close();
      const second = await open();
      await second.click('text="Go on"');
      await second.waitForSelector('.message:has-text("The music is another now")');
      await second.waitForSelector('#data :text("1 piece")');
      await trainSteps(second, 1, 3);
      expect(await second.locator('.message.error').count()).toBe(0);
    });
  });

  it('is kept while it trains, on several threads too', async () => {
    await withBrowser(async (open) => {
      const first = await open('#preset=quick&threads=2');
      await first.click('#start');
      await waitUntil(async () => (await keptSteps(first)) > 0, 60_000);
      const steps = await keptSteps(first);
      await waitUntil(async () => (await keptSteps(first)) > steps, 60_000);
      await first.close();
      const second = await open();
      await second.click('text="Go on"');
      await second.waitForSelector('#status:has-text("Your network,")');
      await second.click('#step');
      await second.waitForSelector('#status:has-text("Paused after step")');
    });
  });

  it('is the old music where a file cannot serve, and what was said of that goes with the next one', async () => {
    await withBrowser(async (open) => {
      const page = await open(SETTINGS);
      await drop(page, SONGS);
      await page.waitForSelector('#data :text("2 pieces")');
      const note = { pitch: 60, start: 0, end: 1, velocity: 80 };
      const one = writeMidi([{ program: 0, isDrum: false, name: '', notes: [note] }]);
      await dropBytes(page, [{ name: 'one.mid', bytes: one }]);
      await page.waitForSelector('.message.error:has-text("one.mid is left out: 1 note, at least")');
      await page.waitForSelector('.message.error:has-text("the music is as it was")');
      expect(await page.textContent('#data')).toContain('2 pieces');
      await trainSteps(page, 1);
      await isKept(page, 1);
      await dropBytes(page, [{ name: 'none.mid', bytes: one.slice(0, 20) }]);
      await page.waitForSelector('.message.error:has-text("none.mid is left out")');
      expect(await page.textContent('#messages')).not.toContain('one.mid is left out: 1 note');
      await drop(page, SONGS.slice(0, 1));
      await page.waitForSelector('.message:has-text("The music is another now")');
      expect(await page.locator('.message.error').count()).toBe(0);
      await page.click('#reset');
      await page.waitForSelector('#status:has-text("A new network")');
      expect(await page.locator('.message').count()).toBe(0);
    });
  });

  it('is forgotten when one begins anew', async () => {
    await withBrowser(async (open) => {
      const first = await open(SETTINGS);
      await train(first, 1);
      await isKept(first, 1);
      await first.reload();
      await ready(first);
      await first.click('text="Begin anew"');
      await waitUntil(async () => (await keptSteps(first)) < 1, 20_000);
      await first.reload();
      await ready(first);
      await first.waitForTimeout(500);
      expect(await first.locator('.message.offer').count()).toBe(0);
    });
  });

  it('is not touched by a second tab, which says that there is another, and takes over when that is closed', async () => {
    await withBrowser(async (open) => {
      const first = await open(SETTINGS);
      await train(first, 2);
      await isKept(first, 2);
      const second = await open(SETTINGS);
      await second.waitForSelector('.message:has-text("Another tab of the studio is open")');
      await trainSteps(second, 1);
      await second.waitForTimeout(4000);
      expect(await keptSteps(second)).toBe(2);
      await first.close();
      await second.waitForSelector('.message.offer:has-text("(step 2)")');
      expect(await second.locator('.message:has-text("Another tab")').count()).toBe(0);
    });
  });
});

describe('the port', () => {
  it('is the usual one, and where that is taken a free one, which is said', async () => {
    // Whoever has it already, it is taken from here on.
    const other = createServer();
    await new Promise<void>((done) => other.once('error', () => done()).listen(3883, '127.0.0.1', done));
    try {
      const studio = await startStudio(etude);
      expect(new URL(studio.url).port).not.toBe('3883');
      studio.process.child.kill('SIGINT');
      const { code, stderr } = await studio.process.ended;
      expect([code, stderr]).toEqual([0, expect.stringContaining('Port 3883 is taken')]);
    } finally {
      other.close();
    }
  });
});
