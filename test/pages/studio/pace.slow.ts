import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { median } from '../../../src/median.ts';
import { inBrowser, noBrowser } from '../browser.ts';
import { useStudio } from './use-studio.ts';
import { framesOf } from './user.ts';

/** How fast is a matter of the machine, and is printed; the tests assert only that everything happened. */
describe.skipIf(noBrowser)(`the pace of the page while it trains ${inBrowser}`, () => {
  const withStudio = useStudio();

  /**
   * Milliseconds from an event in the page until `changed` is another text and the screen has been painted since, for each of
   * `events`.
   */
  function responses(page: Page, events: string, changed: string): Promise<number[]> {
    return page.evaluate<number[]>(`(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const times = [];
      for (const act of ${events}) {
        const before = (${changed})();
        const begin = performance.now();
        act();
        while ((${changed})() === before && performance.now() - begin < 5000) await frame();
        await frame();
        times.push(performance.now() - begin);
        await new Promise((done) => setTimeout(done, 150));
      }
      return times;
    })()`);
  }

  it('frames, and what a click takes until it is answered', async () => {
    await withStudio('', async (page) => {
      await page.click('#start');
      await page.waitForTimeout(2000);
      const frames = await framesOf(page);
      const keys = `Array.from({ length: 15 }, (_, k) => () => document.querySelector('canvas[aria-label^="Heat map"]').dispatchEvent(new KeyboardEvent('keydown', { key: k % 2 ? 'ArrowLeft' : 'ArrowRight', bubbles: true })))`;
      const notes = await responses(page, keys, `() => document.querySelector('.readout').textContent`);
      const clicks = `Array.from({ length: 10 }, () => () => document.querySelector('#start').click())`;
      const pauses = await responses(page, clicks, `() => document.querySelector('#start').textContent`);
      for (const [what, times] of Object.entries({ 'another note': notes, 'pause and start': pauses })) {
        expect(times.every((time) => time > 0 && time < 5000), what).toBe(true); // prettier-ignore
        console.log(`${what}: ${median(times).toFixed(0)} ms at the median, ${Math.max(...times).toFixed(0)} at most`);
      }
      console.log(`${frames.perSecond.toFixed(1)} frames a second, the longest gap ${frames.longest.toFixed(0)} ms`);
      expect(frames.perSecond).toBeGreaterThan(5);
    });
  });
});
