import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { inBrowser, noBrowser } from '../browser.ts';
import { useStudio } from './use-studio.ts';

/** What has the focus, and whether it shows. */
interface Focused {
  id: string;
  text: string;
  /** Has an outline. */
  seen: boolean;
}

describe.skipIf(noBrowser)(`without a mouse ${inBrowser}`, () => {
  const withStudio = useStudio();

  const focused = (page: Page): Promise<Focused> =>
    page.evaluate<Focused>(`(() => {
      const at = document.activeElement;
      if (at === document.body) return { id: '', text: 'the browser itself', seen: true };
      const { outlineStyle, outlineWidth } = getComputedStyle(at);
      return { id: at.id, text: (at.getAttribute('aria-label') ?? at.textContent).trim(), seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 };
    })()`);

  /** Goes on with Tab until `there` has the focus; everything on the way must show that it has it. */
  async function tabTo(page: Page, there: (at: Focused) => boolean): Promise<void> {
    for (let presses = 0; presses < 150; presses++) {
      await page.keyboard.press('Tab');
      const at = await focused(page);
      expect(at.seen, `the focus on “${at.text.slice(0, 60)}” is seen`).toBe(true);
      if (there(at)) return;
    }
    throw new Error('Tab never came there');
  }

  it('a network is trained, looked into, and played', async () => {
    await withStudio(`#preset=quick&hidden-size=16&batch-size=8&play-notes=20`, async (page) => {
      await tabTo(page, ({ text }) => text === 'To the training');
      await tabTo(page, ({ id }) => id === 'start');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#start:has-text("Pause")');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#status:has-text("Paused after step")');
      await tabTo(page, ({ id }) => id === 'step');
      await page.keyboard.press(' ');
      await tabTo(page, ({ text }) => text.startsWith('Heat map of all units'));
      const before = await page.textContent('.readout');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      await page.waitForFunction(`document.querySelector('.readout').textContent !== ${JSON.stringify(before)}`);
      await tabTo(page, ({ id }) => id === 'draw');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#drawn:has-text("Note 20 of 20")');
      await tabTo(page, ({ text }) => text.startsWith('The generated music'));
      await page.keyboard.press('Home');
      await page.waitForSelector('#drawn:has-text("Note 1 of 20")');
    });
  });
});
