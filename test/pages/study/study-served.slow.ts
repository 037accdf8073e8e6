import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve, type RunningServer } from '../../../src/cli/local-server/server.ts';
import { servedStudy } from '../../../src/cli/study/served-study.ts';
import { studyPage, studyPolicy } from '../../../src/pages/study/study-page.ts';
import { openStudy, type OpenStudy } from '../../../src/study/index.ts';
import { DESKTOP, inBrowser, noBrowser, startBrowser, type TestBrowser } from '../browser.ts';
import { longSong } from '../../support/long-song.ts';
import { toyModel, toySettings } from '../../support/toy-music.ts';
import { title, track } from './open-study.ts';

const NOTES = 4000;

describe.skipIf(noBrowser)(`a served study ${inBrowser}`, () => {
  let browser: TestBrowser;
  let studied: OpenStudy;
  let server: RunningServer;

  beforeAll(async () => {
    const model = await toyModel(toySettings('quick', { hiddenSize: 16 }));
    const calm = Object.entries(model.parameters).map(([name, values]) => [name, values.map((value) => value / 3)]);
    studied = await openStudy({ model: { ...model, parameters: Object.fromEntries(calm) as typeof model.parameters }, path: 'toy', song: longSong(NOTES) }); // prettier-ignore
    server = await serve(servedStudy(studied, { studyPage, studyPolicy }), 0);
    browser = await startBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** The page at an address, what it asked for, and what it complained of. */
  async function opened(hash = ''): Promise<{ page: Page; asked: string[]; faults: string[] }> {
    const page = await browser.newPage({ viewport: DESKTOP, reducedMotion: 'reduce' });
    const [asked, faults]: string[][] = [[], []];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${server.url}${hash}`);
    await page.locator('#note-panel dl').waitFor();
    return { page, asked, faults };
  }
  const lines = (page: Page): Promise<string> => page.locator('.details').innerText();
  const saliency = (page: Page): Promise<number> => page.locator('#note-panel svg rect').count();

  test('a note far away, in the address, opens with its details', async () => {
    const { page, asked, faults } = await opened('#note-3500');
    await expect.poll(() => saliency(page)).toBeGreaterThan(20);
    const { from, to } = studied.detailAround(3500).detail;
    expect(await page.locator('#note-panel').innerText()).toMatch(/Most likely pitch: [A-G]#?\d [\d.]+ %, /);
    expect(await lines(page)).toContain(`cover notes ${from} to ${to};`);
    expect(asked.every((address) => address.startsWith(server.url))).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('keys go to a note without details: it is said that they are on their way, and they come', async () => {
    const { page, asked, faults } = await opened('#note-10');
    let release: (() => void) | undefined;
    await page.route('**/details.json*', async (route) => {
      await new Promise<void>((resolve) => (release = resolve));
      await route.continue();
    });
    await track(page, 'Piano roll').focus();
    await page.keyboard.press('End');
    await expect.poll(() => lines(page)).toContain(`Fetching the details of the notes around note ${NOTES} …`);
    expect(await page.locator('.details').getAttribute('aria-busy')).toBe('true');
    expect(await page.locator('#note-panel').innerText()).toContain('Fetching the details');
    expect(await page.locator('[data-view=status]').innerText()).toContain('Fetching the details');
    await expect.poll(() => release !== undefined).toBe(true);
    release!();
    await expect.poll(() => saliency(page)).toBeGreaterThan(20);
    expect(await page.locator('.details').getAttribute('aria-busy')).toBe('false');
    // Back among them nothing is asked for.
    const before = asked.length;
    await page.keyboard.press('ArrowLeft');
    expect(await saliency(page)).toBeGreaterThan(20);
    await page.waitForTimeout(400);
    expect(asked).toHaveLength(before);
    expect(await title(page, 'note')).toContain(String(NOTES - 1));
    expect(faults).toEqual([]);
    await page.close();
  });

  test('the heat maps, the path and the gradient are those of the notes that came', async () => {
    const { page, faults } = await opened('#note-10');
    const picture = (label: string): Promise<string> =>
      track(page, label).evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());
    const hover = async (): Promise<string> => {
      const heat = track(page, 'Heat map of the output');
      await heat.scrollIntoViewIfNeeded();
      const box = (await heat.boundingBox())!;
      await heat.hover({ position: { x: box.width * 0.55, y: 30 } });
      return page.locator('.tip').innerText();
    };
    expect(await hover()).not.toContain('average of');
    const path = await page.locator('#path canvas').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL()); // prettier-ignore
    await track(page, 'Piano roll').press('End');
    await expect.poll(() => saliency(page)).toBeGreaterThan(20);
    expect(await hover()).not.toContain('average of');
    await page.locator('#path canvas').scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('#path canvas').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL())).not.toBe(path); // prettier-ignore
    expect((await picture('Norm')).length).toBeGreaterThan(2000);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a server that has gone is said, with what to do, and the page goes on when it is back', async () => {
    const { page } = await opened('#note-10');
    const { port } = server;
    await server.close();
    await track(page, 'Piano roll').press('End');
    await expect
      .poll(() => lines(page))
      .toContain('does not respond. Start it again with the same model, song and port');
    expect(await page.locator('[data-view=status]').innerText()).toContain('does not respond');
    server = await serve(servedStudy(studied, { studyPage, studyPolicy }), port);
    await page.getByRole('button', { name: 'Try again' }).press('Enter');
    await expect.poll(() => saliency(page)).toBeGreaterThan(20);
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(false);
    await page.close();
  });

  test('another study at the same port is not taken for this one', async () => {
    const { page } = await opened('#note-10');
    const { port } = server;
    await server.close();
    const other = { ...studied, data: { ...studied.data, findings: [] } };
    server = await serve(servedStudy(other, { studyPage, studyPolicy }), port);
    await track(page, 'Piano roll').press('End');
    await expect.poll(() => lines(page)).toContain('This address now serves another study. Reload the page.');
    await page.close();
    await server.close();
    server = await serve(servedStudy(studied, { studyPage, studyPolicy }), port);
  });
});
