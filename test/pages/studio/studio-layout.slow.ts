import { describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { DESKTOP, inBrowser, noBrowser, PHONE, startBrowser, withPageOf } from '../browser.ts';
import { startStudio } from './user.ts';

const etude = useBuiltEtude();

describe.skipIf(noBrowser)(`the studio on screens of several sizes ${inBrowser}`, () => {
  it.each([
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ])('the header covers nothing that is scrolled to, and fingers find what to press: %s', async (_, viewport) => {
    const browser = await startBrowser();
    const server = await startStudio(etude);
    try {
      await withPageOf(
        browser,
        `${server.url}#threads=1&play-notes=8`,
        async (page) => {
          for (const summary of await page.$$('summary')) await summary.click();
          // With all buttons that it ever has.
          await page.evaluate(`document.getElementById('train-on').hidden = false`);
          await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
          for (const id of ['data', 'settings', 'train', 'look', 'play']) {
            await page.evaluate(`scrollTo(0, 0); document.getElementById('${id}').scrollIntoView()`);
            const isSeen = `(() => { const title = document.querySelector('#${id} h2'); const { x, y, height } = title.getBoundingClientRect(); return title.contains(document.elementFromPoint(x + 4, y + height / 2)); })()`;
            expect(await page.evaluate(isSeen), id).toBe(true);
          }
          if (viewport === DESKTOP) return;
          // The keys of the piano are as narrow as two octaves need.
          const small = `[...document.querySelectorAll('button, select, a, summary, input')].filter((one) => one.offsetParent && !one.closest('.skip, .piano') && Math.min(one.offsetHeight, one.offsetWidth) < 24).map((one) => one.outerHTML.slice(0, 80))`;
          expect(await page.evaluate(small)).toEqual([]);
        },
        { viewport, reducedMotion: 'reduce' },
      );
    } finally {
      await browser.close();
      server.process.child.kill('SIGINT');
      await server.process.ended;
    }
  });
});
