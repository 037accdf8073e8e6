import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { inBrowser, noBrowser, startBrowser, type TestBrowser, withPageOf } from '../browser.ts';
import { drop, startStudio, trainSteps, type RunningStudio } from './user.ts';

const etude = useBuiltEtude();

describe.skipIf(noBrowser)(`training on, ${inBrowser}`, () => {
  let browser: TestBrowser;
  let server: RunningStudio;

  beforeAll(async () => {
    browser = await startBrowser();
    server = await startStudio(etude);
  });

  afterAll(async () => {
    await (browser as TestBrowser | undefined)?.close();
    server.process.child.kill('SIGINT');
    await server.process.ended;
  });

  it('is offered where the music is another than what the network has learned, and begins from its weights', async () => {
    await withPageOf(browser, `${server.url}#threads=1`, async (page) => {
      expect(await page.isVisible('#train-on')).toBe(false);
      await trainSteps(page, 2);
      await drop(page, ['bach-invention-1.mid', 'bach-prelude-c.mid', 'satie-gymnopedie-1.mid']);
      await page.click('#train-on');
      await page.waitForSelector('#status:has-text("keeps what it has learned")');
      expect(await page.isVisible('#train-on')).toBe(false);
      await trainSteps(page, 2);
    });
  });
});
