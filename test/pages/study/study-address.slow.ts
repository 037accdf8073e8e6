import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { syntheticStudy } from '../../support/study-data.ts';
import { inBrowser, noBrowser } from '../browser.ts';
import { settled, title, track, useStudyPages } from './open-study.ts';

/** Back and forward as the browser's buttons do it; Playwright's own wait for a document that is loaded. */
const go = (page: Page, by: number): Promise<unknown> => page.evaluate(`history.go(${by})`);

describe.skipIf(noBrowser)(`the address of the page of a study ${inBrowser}`, () => {
  const open = useStudyPages();
  const study = syntheticStudy();

  test('addresses choose, and findings lead to what they are about', async () => {
    const { page, faults } = await open(study, { hash: '#note-321' });
    expect(await title(page, 'note')).toMatch(/^Note 321 /);
    await page.locator('.findings a[href="#unit-1-13"]').click();
    expect(await title(page, 'unit')).toBe('Unit 13');
    expect(page.url()).toMatch(/#note-321&unit-1-13&/);
    const top = (await page.locator('#timeline').boundingBox())!.y;
    expect(Math.abs(top)).toBeLessThan(200);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('what is chosen stands in the address: Back and Forward go through clicks, and a copy opens the same view', async () => {
    const { page, faults } = await open(study);
    const start = [await title(page, 'note'), await title(page, 'unit')];
    const roll = track(page, 'Piano roll');
    const box = (await roll.boundingBox())!;
    await roll.click({ position: { x: box.width * 0.8, y: 40 } });
    const clicked = await title(page, 'note');
    const number = Number(/\d+/.exec(clicked)![0]);
    expect(page.url()).toContain(`#note-${number}&`);
    await roll.hover({ position: { x: box.width * 0.5, y: 60 } });
    expect(await page.locator('.tip').isVisible()).toBe(true);
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await roll.press(key);
    expect(await page.locator('.tip').isVisible()).toBe(false);
    await expect.poll(() => page.url()).toContain(`#note-${number + 3}&`);
    await page.locator('.findings a[href="#unit-1-13"]').click();
    expect(page.url()).toMatch(new RegExp(`#note-${number + 3}&unit-1-13&`));
    await page.getByRole('button', { name: 'Axis in notes' }).click();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect.poll(() => page.url()).toContain('&axis-notes&');
    await settled(page);
    await page.waitForTimeout(400);
    const address = page.url();
    // Only the clicks are ways back, not each key: the axis, the unit, the note.
    await go(page, -1);
    await expect.poll(() => page.url()).toContain('&axis-seconds&');
    expect([await title(page, 'note'), await title(page, 'unit')]).toEqual([`Note ${number + 3}`, 'Unit 13'].map((text) => expect.stringContaining(text))); // prettier-ignore
    await go(page, -1);
    await expect.poll(() => title(page, 'unit')).toBe(start[1]);
    expect(await title(page, 'note')).toContain(`Note ${number + 3}`);
    await go(page, -1);
    await expect.poll(() => title(page, 'note')).toBe(start[0]);
    expect(await title(page, 'unit')).toBe(start[1]);
    await go(page, 3);
    await expect.poll(() => page.url()).toBe(address);
    expect(await title(page, 'unit')).toBe('Unit 13');
    expect(faults).toEqual([]);
    const pictures = async (shown: Page): Promise<string> => {
      await settled(shown);
      return track(shown, 'Heat map of the output').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL()); // prettier-ignore
    };
    const seen = await pictures(page);
    await page.close();
    const copy = await open(study, { hash: new URL(address).hash });
    expect(await title(copy.page, 'unit')).toBe('Unit 13');
    expect(await title(copy.page, 'note')).toContain(`Note ${number + 3}`);
    expect(await pictures(copy.page)).toBe(seen);
    expect(copy.page.url()).toBe(address);
    expect(copy.faults).toEqual([]);
    await copy.page.close();
  });
});
