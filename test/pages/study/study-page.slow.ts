import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { studySong } from '../../../src/study/index.ts';
import type { StudyData } from '../../../src/study/study-data.ts';
import { countedFromZero } from '../../../src/study/counting.ts';
import { BEYOND, browserName, COUNT_COLOURS, DESKTOP, inBrowser, noBrowser, noSound, PHONE } from '../browser.ts';
import { syntheticStudy } from '../../support/study-data.ts';
import { toyModel, toySettings, toySong } from '../../support/toy-music.ts';
import { settled, title, track, useStudyPages } from './open-study.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.skipIf(noBrowser)(`the page of a study ${inBrowser}`, () => {
  const open = useStudyPages();
  const study = syntheticStudy();

  /** How many different colours a canvas shows. */
  async function colours(page: Page, label: string): Promise<number> {
    await track(page, label).scrollIntoViewIfNeeded();
    await settled(page);
    return track(page, label).evaluate(COUNT_COLOURS) as Promise<number>;
  }

  /** What axe finds that is serious, in words. */
  async function seriousFaults(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate<{
      violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
    }>('axe.run()');
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return serious.map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
  }

  test('everything is drawn, without an error and without asking anybody', async () => {
    const { page, faults } = await open(study);
    for (const label of [
      'Piano roll',
      'Surprise',
      'Heat map of the forget gate',
      'Heat map of the output',
      'Gates',
      'Norm',
    ])
      expect(await colours(page, label), label).toBeGreaterThan(4);
    expect(await colours(page, 'Heat map of the output')).toBeGreaterThan(100);
    expect(await page.locator('#gradient svg polyline').count()).toBe(2);
    expect(await page.locator('#spans svg [data-unit]').count()).toBe(128);
    expect(await page.locator('.card').count()).toBe(12);
    expect(await page.locator('#ablation tbody tr').count()).toBe(20);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a click on a note shows what it was predicted from, and hovering says the values', async () => {
    const { page, faults } = await open(study);
    const roll = track(page, 'Piano roll');
    const box = (await roll.boundingBox())!;
    const before = await title(page, 'note');
    await roll.click({ position: { x: box.width * 0.8, y: 40 } });
    const after = await title(page, 'note');
    expect(after).not.toBe(before);
    expect(after).toMatch(/^Note \d+ · [A-G]#?\d$/);
    expect(await page.locator('#note-panel svg rect').count()).toBeGreaterThan(24);
    await roll.hover({ position: { x: box.width * 0.5, y: 60 } });
    expect(await page.locator('.tip').innerText()).toMatch(/^note \d+, .*\n.*\npitch: surprise .* predicted /);
    await page.keyboard.press('Escape');
    expect(await page.locator('.tip').isVisible()).toBe(false);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a click on a unit marks it everywhere', async () => {
    const { page, faults } = await open(study);
    const heat = track(page, 'Heat map of the output');
    await heat.scrollIntoViewIfNeeded();
    const box = (await heat.boundingBox())!;
    await heat.hover({ position: { x: box.width / 2, y: 100 } });
    const [, unit] = /^unit (\d+)\nh = /.exec(await page.locator('.tip').innerText())!;
    await heat.click({ position: { x: box.width / 2, y: 100 } });
    expect(await title(page, 'unit')).toBe(`Unit ${unit}`);
    await page.locator('#ablation .more').click();
    while (await page.locator('#units .more').isVisible()) await page.locator('#units .more').click();
    expect(await page.locator('.card.chosen').getAttribute('data-unit')).toBe(`1-${unit}`);
    expect(await page.locator('#ablation tr.chosen').getAttribute('data-unit')).toBe(`1-${unit}`);
    const ring = (await page.locator('#spans .choice').boundingBox())!;
    const dot = (await page.locator(`#spans [data-unit="1-${unit}"]`).boundingBox())!;
    expect(Math.abs(ring.x + ring.width / 2 - dot.x - dot.width / 2)).toBeLessThan(1);
    // And the other way: a card chooses, and the legend of the path says that it is coloured by the unit.
    await page.locator('.card').first().locator('a').click();
    expect(await title(page, 'unit')).toBe(
      `Unit ${(await page.locator('.card').first().locator('a').innerText()).slice(5)}`,
    );
    await page.locator('#path canvas').scrollIntoViewIfNeeded();
    await expect.poll(() => page.locator('#path .key').innerText()).toContain('h > 0');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('everything can be done by keyboard', async () => {
    const { page, faults } = await open(study);
    await track(page, 'Piano roll').focus();
    const noteNow = async (): Promise<number> => Number(/\d+/.exec(await title(page, 'note'))![0]);
    const first = await noteNow();
    await page.keyboard.press('ArrowRight');
    expect(await noteNow()).toBe(first + 1);
    await page.keyboard.press('Shift+ArrowLeft');
    expect(await noteNow()).toBe(first - 9);
    expect(await page.locator('[role=status][data-view=status]').innerText()).toContain(`Note ${first - 9} of 1000`);
    await page.keyboard.press('End');
    expect(await noteNow()).toBe(1000);
    await track(page, 'Heat map of the output').focus();
    const unit = await title(page, 'unit');
    await page.keyboard.press('ArrowUp');
    expect(await title(page, 'unit')).not.toBe(unit);
    await page.keyboard.press('ArrowDown');
    expect(await title(page, 'unit')).toBe(unit);
    await page.locator('#spans [role=application]').focus();
    await page.keyboard.press('Home');
    expect(await title(page, 'unit')).toBe('Unit 1');
    await page.locator('#ablation th button').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#ablation th').first().getAttribute('aria-sort')).toBe('ascending');
    expect(await page.locator('#ablation tbody th').first().innerText()).toBe('unit 1 at zero');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('the labels of the unit’s pictures stand apart, however large its cell is', async () => {
    const layers = study.layers.map((layer) => {
      const { c } = layer.heat;
      return { ...layer, heat: { ...layer.heat, c: c && { ...c, low: 40 * c.low, high: 40 * c.high } } };
    });
    const { page, faults } = await open({ ...study, layers }, { viewport: { width: 1440, height: 2600 } });
    await page.evaluate(`window.labels = []; const fill = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
        if (this.canvas.getAttribute('aria-label').startsWith('Gates')) labels.push({ text, y });
        fill.call(this, text, x, y);
      };`);
    await track(page, 'Piano roll').press('ArrowRight');
    await settled(page);
    const labels = (await page.evaluate<{ text: string; y: number }[]>('labels')).slice(-6);
    expect(labels.slice(0, 3).map(({ text }) => text)).toEqual(['1', '0', '−1']);
    expect(Number(labels[3].text)).toBeGreaterThan(1);
    labels.slice(1).forEach(({ y }, k) => expect(y - labels[k].y).toBeGreaterThanOrEqual(12));
    expect(faults).toEqual([]);
    await page.close();
  });

  test('wheel, drag, buttons and keys move all pictures together', async () => {
    const { page, faults } = await open(study);
    const roll = track(page, 'Piano roll');
    const picture = async (label: string): Promise<string> => track(page, label).evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL()); // prettier-ignore
    const labels = ['Piano roll', 'Surprise', 'Heat map of the output'];
    await page.setViewportSize({ width: 1440, height: 1800 });
    await settled(page);
    let before = await Promise.all(labels.map(picture));
    const changes = async (what: string): Promise<void> => {
      await settled(page);
      const now = await Promise.all(labels.map(picture));
      now.forEach((one, k) => expect(one === before[k], `${what}: ${labels[k]}`).toBe(false));
      before = now;
    };
    const box = (await roll.boundingBox())!;
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await changes('button');
    await roll.hover({ position: { x: 500, y: 30 } });
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await changes('drag');
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 200);
    await page.keyboard.up('Control');
    await changes('wheel');
    await roll.press('0');
    await changes('key');
    await page.getByRole('button', { name: 'Axis in notes' }).click();
    await changes('axis');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a thousand notes of 128 units with all seven heat maps are drawn anew in less than 50 ms', async () => {
    const { page, faults } = await open(study);
    await page.setViewportSize({ width: 1440, height: 2600 });
    for (const name of ['i: input gate', 'g: candidate', 'o: output gate', 'c: cell', 'tanh c: squashed cell'])
      await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('button', { name: 'All: show the whole song' }).click();
    await settled(page);
    // A fast one of twenty: other programs take the processor too, and here it also paints, without a graphics card.
    const fast = await page.evaluate<number>(`(async () => {
      const later = document.querySelector('button[aria-label="Zoom in"]');
      const earlier = document.querySelector('button[aria-label="Zoom out"]');
      const times = [];
      for (let k = 0; k < 20; k++) {
        const begin = performance.now();
        (k % 2 ? earlier : later).click();
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        times.push(performance.now() - begin);
      }
      return times.sort((a, b) => a - b)[4];
    })()`);
    console.log(`a picture of all tracks: ${fast.toFixed(1)} ms`);
    expect(fast).toBeGreaterThan(0);
    expect(faults).toEqual([]);
    await page.close();
  });

  test.skipIf(noSound)('the song plays from the chosen note, and the note follows', async () => {
    const { page, faults } = await open(study);
    const before = await title(page, 'note');
    await page.getByRole('button', { name: /Play/ }).click();
    await expect.poll(() => title(page, 'note'), { timeout: 10_000 }).not.toBe(before);
    await page.getByRole('button', { name: /Stop/ }).click();
    expect(await page.getByRole('button', { name: /Play/ }).isVisible()).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  const looks = (['light', 'dark'] as const).flatMap((colorScheme) => [
    { name: 'desktop', viewport: DESKTOP, colorScheme },
    { name: 'phone', viewport: PHONE, colorScheme },
  ]);
  // In Firefox axe takes four times as long: each size and each scheme once.
  test.each(browserName === 'Firefox' ? [looks[0], looks[3]] : looks)(
    'axe finds nothing serious, and nothing is cut off: $name, $colorScheme',
    async ({ viewport, colorScheme }) => {
      const { page, faults } = await open(study, { viewport, colorScheme });
      await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
      expect(await page.evaluate(BEYOND)).toBeLessThanOrEqual(0);
      expect(await seriousFaults(page)).toEqual([]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  test('two layers: a unit of the other one brings its heat maps', async () => {
    const { page, faults } = await open(syntheticStudy({ notes: 100, units: 16, layers: 2 }));
    await page.locator('a[href^="#unit-2-"]').first().click();
    expect(await title(page, 'unit')).toMatch(/^Layer 2, unit/);
    expect(await page.getByRole('combobox', { name: 'Layer' }).inputValue()).toBe('1');
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a model that draws notes part by part: what each part was given, and what the note cost', async () => {
    const settings = toySettings('performance', { embedding: 6, headHidden: 5 });
    const song = { name: 'toy', instrument: 'piano', table: toySong(60, 80), tempo: [] };
    const chained = await studySong({ model: await toyModel(settings), path: 'toy', song, at: [41] });
    const { page, faults } = await open(countedFromZero(chained));
    const panel = page.locator('#note-panel');
    const text = await panel.innerText();
    const told =
      'pitch given the time to the next note; duration given the time to the next note and pitch; velocity given the time to the next note, pitch and duration';
    for (const part of [told, 'also given the note’s own time to the next note', 'pitch class'])
      expect(text).toContain(part);
    const rows = await panel.getByRole('table', { name: 'What was predicted' }).locator('tbody tr').allInnerTexts();
    const cells = rows.map((row) => row.split('\t'));
    expect(cells.map(([part]) => part)).toEqual(['time to the next note', 'pitch', 'duration', 'velocity', 'the note']);
    expect(cells[3][2]).toMatch(/^\d+–\d+$/);
    const sum = chained.heads.reduce((all, { surprise }) => all + surprise[40]!, 0);
    expect(Number(cells[4].at(-1))).toBeCloseTo(sum, 1);
    expect(await seriousFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('ten thousand notes with details of a thousand: the rest is empty, and says so', async () => {
    const { page, faults } = await open(syntheticStudy({ notes: 10_000, units: 32, detail: { from: 2000, to: 3000 } }));
    expect(await page.locator('#timeline .details').innerText()).toContain('notes 2001 to 3000; nothing is known of the others'); // prettier-ignore
    expect(await page.locator('#left-out').innerText()).toContain('they would not fit');
    await track(page, 'Piano roll').focus();
    await page.keyboard.press('End');
    expect(await page.locator('#note-panel').innerText()).toContain('the details of notes 2001 to 3000 of 10000');
    await page.getByRole('button', { name: 'All: show the whole song' }).click();
    await settled(page);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a study without saliency, ablation, heat maps, path, correlations and findings says so, and shows the rest', async () => {
    const full = syntheticStudy({ notes: 50, units: 4 });
    const { page, faults } = await open({
      ...full,
      saliency: undefined,
      ablation: undefined,
      matches: undefined,
      comparison: undefined,
      findings: [],
      layers: full.layers.map((layer) => ({ ...layer, heat: {}, path: undefined })),
      units: full.units.map((unit) => ({ ...unit, correlations: [], top: [], cost: null, rank: null })),
      gradient: { byLag: { predictions: 0, dh: [[]], dc: [[]] }, byStep: { dh: [[]], dc: [[]] }, halfLag: [null], hundredthLag: [null] }, // prettier-ignore
      correlationTest: { ...full.correlationTest, correlates: [], comparisons: 0 },
    });
    expect(await page.locator('#note-panel').innerText()).toContain('no saliency');
    expect(await page.locator('#unit-panel').innerText()).toContain('Nothing was compared');
    expect(await page.locator('#gradient').innerText()).toContain('no gradient by lag');
    for (const button of await page.getByRole('group', { name: 'Heat maps' }).getByRole('button').all())
      await button.click();
    await settled(page);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('a song of one note, and one of none', async () => {
    const one = await open(syntheticStudy({ notes: 1, units: 2, detail: { from: 0, to: 1 } }));
    expect(await one.page.locator('#note-panel').innerText()).toContain('Nothing predicted this note');
    expect(one.faults).toEqual([]);
    await one.page.close();
    const full = syntheticStudy({ notes: 1, units: 2, detail: { from: 0, to: 1 } });
    const none = (column: unknown): unknown => (Array.isArray(column) ? [] : column);
    const emptied = Object.fromEntries(Object.entries(full.song).map(([name, column]) => [name, none(column)]));
    const song = { ...(emptied as unknown as StudyData['song']), notes: 0, seconds: 0 };
    const heads = full.heads.map((head) => ({ ...head, surprise: [], predicted: [] }));
    const layers = full.layers.map((layer) => ({ ...layer, heat: {}, path: undefined }));
    const empty = await open({ ...full, song, heads, layers, detail: { from: 0, to: 0 }, saliency: undefined, findings: [] }, { wait: '#note-panel' }); // prettier-ignore
    expect(await empty.page.locator('#note-panel').innerText()).toContain('This song has no notes.');
    expect(empty.faults).toEqual([]);
    await empty.page.close();
  });

  // Firefox packs the objects of a PDF, so that its pages cannot be counted without a reader.
  test.skipIf(browserName === 'Firefox')('printed, it is all there on paper', async () => {
    const { page } = await open(study);
    await page.emulateMedia({ media: 'print' });
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.length).toBeGreaterThan(20_000);
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(2);
    expect(pages).toBeLessThan(25);
    await page.close();
  });
});
