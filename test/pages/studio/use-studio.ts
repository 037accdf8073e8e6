import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildStudio } from '../../../scripts/build-studio.mjs';
import { serve, type RunningServer } from '../../../src/cli/local-server/server.ts';
import { knownFiles } from '../../../src/cli/studio/files.ts';
import { CONTENT_SECURITY_POLICY } from '../../../src/cli/studio/policy.ts';
import { startBrowser, withPageOf, type PageTest, type TestBrowser } from '../browser.ts';

/**
 * The studio, built, served at a free port, and a browser, for the tests of a `describe`.
 * @returns gives a test the page at an address that ends so
 */
export function useStudio(): (hash: string, test: PageTest) => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'etude-page-'));
  let browser: TestBrowser | undefined;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    await buildStudio(folder);
    browser = await startBrowser();
    server = await serve({ answers: knownFiles(folder), policy: CONTENT_SECURITY_POLICY }, 0);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return (hash, test) => withPageOf(browser!, `${server!.url}${hash}`, test);
}
