import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { inBrowser, newPage, noBrowser, ready, startWithProfile } from '../browser.ts';
import { drop, isKept, startStudio, trainSteps, type RunningStudio } from './user.ts';

const etude = useBuiltEtude();

describe.skipIf(noBrowser)(`a restart of the browser ${inBrowser}`, () => {
  const profile = mkdtempSync(join(tmpdir(), 'etude-profile-'));
  let server: RunningStudio;

  beforeAll(async () => {
    server = await startStudio(etude, '--port', '0');
  });

  afterAll(async () => {
    server.process.child.kill('SIGINT');
    await server.process.ended;
    rmSync(profile, { recursive: true, force: true });
  });

  async function visit(hash: string, test: (page: Page) => Promise<void>): Promise<void> {
    const context: BrowserContext = await startWithProfile(profile);
    try {
      const { page, complaints } = await newPage(context, server.url);
      await page.goto(`${server.url}${hash}`);
      await ready(page);
      await test(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  it('loses neither the network nor the music nor the settings', async () => {
    await visit('#preset=quick&seed=5&threads=1&seq-length=10&hidden-size=16', async (page) => {
      await drop(page, ['twinkle.mid', 'brahms-lullaby.mid']);
      await page.waitForSelector('#data :text("2 pieces")');
      await page.waitForSelector('#status:has-text("A new network")');
      await trainSteps(page, 3);
      await isKept(page, 3);
    });
    await visit('', async (page) => {
      await page.click('text="Go on"');
      await page.waitForSelector('#status:has-text("Your network, trained for 3 steps")');
      await page.waitForSelector('#data :text("2 pieces")');
      expect(await page.inputValue('#setting-hidden-size')).toBe('16');
      await trainSteps(page, 1, 3);
    });
  });
});
