import { describe, expect, it } from 'vitest';
import { inBrowser, noBrowser } from '../browser.ts';
import { useStudio } from './use-studio.ts';
import { factOf, trainSteps } from './user.ts';

describe.skipIf(noBrowser)(`the page with other presets ${inBrowser}`, () => {
  const withStudio = useStudio();

  it('trains a small network like those of the preset performance, and shows where copied notes came from', async () => {
    const small = 'hidden-size=16&embedding=8&head-hidden=8&batch-size=8&seq-length=16';
    await withStudio(`#preset=performance&${small}&minutes=9&play-recall=9&play-budget=0.3`, async (page) => {
      await trainSteps(page, 3);
      expect(await factOf(page, 'step')).toBe('3');
      expect(await factOf(page, 'time left')).toMatch(/^(8:5\d|9:00)$/);
      for (const [id, value] of [
        ['order', 'step,pitch,duration,velocity'],
        ['velocity', 'classes'],
        ['epochs', 'none'],
        ['compat', 'none'],
      ]) {
        // prettier-ignore
        expect(await page.inputValue(`#setting-${id}`)).toBe(value);
      }
      await page.click('#draw');
      await page.waitForSelector('#drawn:has-text("Note 120 of 120")');
      expect(await page.getAttribute('#play canvas', 'aria-label')).toMatch(/, \d+ of them copied from earlier ones/);
      expect(await page.isVisible('#play .legend')).toBe(true);
      await page.focus('.drawn-place');
      await page.keyboard.press('Home');
      expect(await page.textContent('#drawn')).toMatch(/^Note 1 of 120: /);
      let steps = 0;
      while (!/copied from note \d+, /.test((await page.textContent('#drawn'))!) && steps++ < 120) {
        await page.keyboard.press('ArrowRight');
      }
      expect(steps).toBeLessThan(120);
    });
  });

  it('says why there is no recall where times are numbers', async () => {
    await withStudio(`#preset=tutorial&hidden-size=8&batch-size=4`, async (page) => {
      expect(await page.isVisible('#no-recall')).toBe(true);
      expect(await page.isDisabled('#field-recall')).toBe(true);
    });
  });
});
