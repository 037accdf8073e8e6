import { describe, expect, test } from 'vitest';
import { studySong } from '../../../src/study/index.ts';
import { toyModel, toySettings, toySong } from '../../support/toy-music.ts';
import { BEYOND, inBrowser, noBrowser } from '../browser.ts';
import { settled, useStudyPages } from './open-study.ts';

describe.skipIf(noBrowser)(`the page of a study on screens of several sizes ${inBrowser}`, () => {
  const open = useStudyPages();

  test.each([
    ['desktop', 1440, 900],
    // As wide, without what a scroll bar takes.
    ['desktop with scroll bars', 1410, 900],
    ['laptop', 1024, 700],
    ['phone', 390, 844],
  ])('the panels fit, nothing is hidden behind a bar, and fingers find what to press: %s', async (_, width, height) => {
    const settings = toySettings('performance', { embedding: 6, headHidden: 5 });
    const song = { name: 'toy', instrument: 'piano', table: toySong(60, 80), tempo: [] };
    const chained = await studySong({ model: await toyModel(settings), path: 'toy', song, at: [40] });
    const { page, faults } = await open(chained, { viewport: { width, height } });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))');
    expect(await page.evaluate(BEYOND)).toBeLessThanOrEqual(0);
    const cut = `[...document.querySelectorAll('.inspector, .panel, .panel .wide')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent.slice(0, 40))`;
    expect(await page.evaluate(cut)).toEqual([]);
    if (width > 1000)
      expect(await page.evaluate('document.querySelector(".inspector").getBoundingClientRect().bottom')).toBeLessThanOrEqual(height); // prettier-ignore
    else {
      const small = `[...document.querySelectorAll('.page a, .now a, button, select, summary')].filter((one) => one.offsetParent && !one.closest('.skip') && Math.min(one.offsetHeight, one.offsetWidth) < 24).map((one) => one.textContent)`;
      expect(await page.evaluate(small)).toEqual([]);
    }
    for (const id of ['timeline', 'spans', 'units', 'heads', 'facts', 'note-panel', 'unit-panel']) {
      await page.evaluate(`scrollTo(0, 0); location.hash = ''; location.hash = '${id}'`);
      await settled(page);
      const above = `(() => { const title = document.querySelector('#${id} h2'); const { x, y, height } = title.getBoundingClientRect(); return title.contains(document.elementFromPoint(x + 4, y + height / 2)); })()`;
      expect(await page.evaluate(above), id).toBe(true);
    }
    expect(faults).toEqual([]);
    await page.close();
  });
});
