import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { colourAt, DIVERGING, parseColour, SEQUENTIAL, type Rgb } from '../../../src/pages/kit/colour-scales.ts';
import { keyTop, pieceAxes } from '../../../src/pages/kit/roll-place.ts';
import { TEXT_STYLE } from '../../../src/pages/kit/style.ts';
import { BEYOND, COUNT_COLOURS, DESKTOP, inBrowser, noBrowser, PHONE, startBrowser, type TestBrowser } from '../browser.ts'; // prettier-ignore
import { HEAT_COLUMNS, HEAT_ROWS, heatValue, MELODY, SONG } from './examples/music.ts';
import { FOLDER, openExamples, writeExamples } from './open-examples.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A colour of the sheet. */
function colourOf(name: string, scheme: 'light' | 'dark'): Rgb {
  const all = [...TEXT_STYLE.matchAll(new RegExp(`--etude-${name}:(#[0-9a-f]{6})`, 'g'))].map(([, hex]) => hex);
  expect(all).toHaveLength(2);
  return parseColour(all[scheme === 'light' ? 0 : 1]);
}

/** The colour of a canvas at a place, in CSS pixels. */
async function colourAtPlace(page: Page, label: string, x: number, y: number): Promise<number[]> {
  return page.evaluate<number[]>(
    `(() => {
      const canvas = document.querySelector('canvas[aria-label="${label}"]');
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [canvas.width, canvas.height];
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const ratio = canvas.width / canvas.clientWidth;
      return [...context.getImageData(Math.round(${x} * ratio), Math.round(${y} * ratio), 1, 1).data].slice(0, 3);
    })()`,
  );
}

async function sizeOf(page: Page, label: string): Promise<{ width: number; height: number }> {
  const box = await page.locator(`canvas[aria-label="${label}"]`).boundingBox();
  return { width: Math.round(box!.width), height: Math.round(box!.height) };
}

describe.skipIf(noBrowser)(`the kit of the pages ${inBrowser}`, () => {
  let browser: TestBrowser;
  let url: string;
  beforeAll(async () => {
    browser = await startBrowser(['--autoplay-policy=no-user-gesture-required']);
    url = await writeExamples();
    console.log(`pictures of the kit: ${FOLDER}`);
  });
  afterAll(() => browser?.close());

  const cases = (['light', 'dark'] as const).flatMap((scheme) => [
    { name: `${scheme}, 1440`, scheme, viewport: DESKTOP },
    { name: `${scheme}, 390`, scheme, viewport: PHONE },
  ]);

  test.each(cases)('each part is drawn whole and can be read: $name', async ({ scheme, viewport }) => {
    const { page, faults } = await openExamples(browser, url, { viewport, colorScheme: scheme });
    expect(await page.evaluate(BEYOND)).toBeLessThanOrEqual(0);
    const cut = `[...document.querySelectorAll('.example, .example *')].filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'visible' && one.clientWidth > 0).map((one) => one.outerHTML.slice(0, 80))`;
    expect(await page.evaluate(cut)).toEqual([]);
    for (const canvas of await page.locator('canvas').all()) {
      await canvas.scrollIntoViewIfNeeded();
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      expect(await canvas.evaluate(COUNT_COLOURS), (await canvas.getAttribute('aria-label')) ?? '').toBeGreaterThan(2);
    }
    await page.evaluate(AXE);
    const serious = await page.evaluate(`axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ': ' + nodes[0].html))`); // prettier-ignore
    expect(serious).toEqual([]);
    if (viewport === PHONE) {
      const small = `[...document.querySelectorAll('button, select, a, summary, input')].filter((one) => Math.min(one.offsetHeight, one.offsetWidth) < 24).map((one) => one.outerHTML)`;
      expect(await page.evaluate(small)).toEqual([]);
    }
    expect(faults).toEqual([]);
    // At the end: Playwright hides the caret by a style, which the policy forbids.
    await page.screenshot({ path: join(FOLDER, `${scheme}-${viewport.width}.png`), fullPage: true });
    await page.close();
  });

  test.each(['light', 'dark'] as const)('notes and cells have their colours where they must be: %s', async (scheme) => {
    const { page } = await openExamples(browser, url, { viewport: DESKTOP, colorScheme: scheme });
    const size = await sizeOf(page, 'A phrase of the piece');
    const axes = pieceAxes(MELODY, size);
    const row = size.height / (axes.keys.high - axes.keys.low + 1);
    const middleOf = ({ pitch, start, end }: (typeof MELODY)[number]): [number, number] => [
      ((start + end) / 2 / axes.seconds) * size.width,
      keyTop(axes, pitch) + row / 2,
    ];
    const ground = colourOf('paper', scheme);
    const accent = colourOf('accent', scheme);
    const at = (label: string, note: number): Promise<number[]> =>
      colourAtPlace(page, label, ...middleOf(MELODY[note]));
    // In the phrase, outside of it, and where the music is.
    expect(await at('A phrase of the piece', 1)).toEqual([...accent]);
    expect(await at('A phrase of the piece', 7)).toEqual([...colourAt([ground, accent], 0.4)]);
    const [x, y] = middleOf(MELODY[5]);
    expect(await colourAtPlace(page, 'A phrase of the piece', x - 10, y)).toEqual([...colourOf('series-1', scheme)]);
    expect(await colourAtPlace(page, 'A phrase of the piece', x - 10, y - 3 * row)).not.toEqual([...accent]);
    // Copies, strong where they were probable.
    const copy = colourOf('series-3', scheme);
    expect(await at('Copies, by probability', 7)).toEqual([...copy]);
    expect(await at('Copies, by probability', 4)).toEqual([...colourAt([ground, copy], 0.4)]);
    expect(await at('Copies, by probability', 3)).toEqual([...accent]);
    // Heat maps: a row a unit, a column a note, on the scale of their kind.
    await page.locator('canvas[aria-label="Heat map, diverging"]').scrollIntoViewIfNeeded();
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    for (const [kind, rows, scale, low] of [
      ['sequential', HEAT_ROWS, SEQUENTIAL, 0],
      ['diverging', 4 * HEAT_ROWS, DIVERGING[scheme], -1],
    ] as const) {
      const heat = await sizeOf(page, `Heat map, ${kind}`);
      const left = 56;
      for (const [unit, note] of [
        [0, 2],
        [3, 12],
        [6, 20],
      ] as const) {
        const [from, to] = [SONG.start[note], SONG.start[note + 1]];
        const place = left + (((from + to) / 2) * (heat.width - left)) / SONG.seconds;
        const found = await colourAtPlace(page, `Heat map, ${kind}`, place, ((unit + 0.5) / rows) * heat.height);
        const expected = colourAt(scale, (heatValue(unit, note) - low) / (1 - low));
        // A pixel table has 256 colours.
        found.forEach((channel, k) =>
          expect(Math.abs(channel - expected[k]), `${kind} ${unit} ${note}`).toBeLessThan(8),
        );
      }
    }
    expect(HEAT_COLUMNS).toBe(SONG.pitch.length);
    await page.close();
  });

  test('values stand under the pointer; keys, wheel and drag move all tracks', async () => {
    const { page, faults } = await openExamples(browser, url, { viewport: DESKTOP, colorScheme: 'light' });
    /** What the tooltip says; Firefox moves the pointer once more where the page was scrolled to bring the canvas up. */
    const hover = async (label: string, x: number, y: number, said: RegExp): Promise<void> => {
      const canvas = page.locator(`canvas[aria-label="${label}"]`);
      await canvas.scrollIntoViewIfNeeded();
      await expect
        .poll(async () => {
          await canvas.hover({ position: { x: x - 1, y } });
          await canvas.hover({ position: { x, y } });
          return page.locator('.tip').innerText();
        })
        .toMatch(said);
    };
    const size = await sizeOf(page, 'A phrase of the piece');
    await hover('A phrase of the piece', size.width * 0.7, 5, /^note 6$/);
    await hover('Heat map, sequential', 400, 3, /^row 0\nvalue /);
    await hover('Lines', 400, 30, /^wave /);
    const chart = 'Loss of each head, nats, by step';
    const { width } = await sizeOf(page, chart);
    // The axis goes from 46 pixels to two before the end: step 1 to 90.
    await hover(chart, 46 + (43.2 / 89) * (width - 48), 40, /^step 44\npitch 1.33\nstep 0.533\nduration –$/);
    const roll = page.locator('canvas[aria-label="Piano roll"]');
    const picture = (): Promise<string> => page.locator('canvas[aria-label="Bars"]').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL()); // prettier-ignore
    let before = await picture();
    for (const key of ['ArrowRight', '+', 'PageDown', '0']) {
      await roll.press(key);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const now = await picture();
      expect(now === before, key).toBe(false);
      before = now;
    }
    expect(await page.locator('.tip').isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('of messages the last three stand, and go with what they are about; a question stays until it is answered', async () => {
    const { page, faults } = await openExamples(browser, url, { viewport: DESKTOP, colorScheme: 'light' });
    const texts = (): Promise<string[]> => page.locator('.message p').allInnerTexts();
    const question = 'The network of your last visit is here (step 40).';
    await page.evaluate(
      `for (const name of ['one', 'two', 'two', 'three', 'four']) said.note(name, name === 'four' ? 'files' : undefined)`,
    );
    expect(await texts()).toEqual(['four', 'three', 'two', question]);
    await page.evaluate(`said.gone('files')`);
    expect(await texts()).toEqual(['three', 'two', question]);
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
    await page.getByRole('button', { name: 'Go on' }).click();
    expect(await texts()).toEqual(['two']);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('the player says where it is, goes elsewhere, loops, and ends', async () => {
    const { page, faults } = await openExamples(browser, url, { viewport: DESKTOP, colorScheme: 'light' });
    const heard = (): Promise<(number | null)[]> => page.evaluate('heard');
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(async () => (await heard()).at(-1), { timeout: 10_000 }).toBe(null);
    const once = (await heard()).slice(0, -1) as number[];
    expect(once.every((at, k) => at >= (once[k - 1] ?? 0) && at <= 0.6)).toBe(true);
    expect(once.length).toBeGreaterThan(3);
    expect(await page.getByRole('button', { name: 'Play' }).isEnabled()).toBe(true);
    await page.evaluate('heard.length = 0; sounds.loop = true');
    await page.getByRole('button', { name: 'Play' }).click();
    const rounds = async (): Promise<number> => {
      const all = (await heard()) as number[];
      return all.filter((at, k) => k > 0 && at < all[k - 1]).length;
    };
    await expect.poll(rounds, { timeout: 20_000 }).toBeGreaterThan(1);
    expect(await heard()).not.toContain(null);
    await page.evaluate('sounds.loop = false; heard.length = 0; sounds.seek(0.45)');
    await expect.poll(async () => (await heard()).at(-1), { timeout: 10_000 }).toBe(null);
    expect(((await heard()).slice(0, -1) as number[]).every((at) => at >= 0.3)).toBe(true);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await page.evaluate('sounds.playing')).toBe(false);
    expect(faults).toEqual([]);
    await page.close();
  });
});
