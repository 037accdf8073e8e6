import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { studyPage } from '../../../src/pages/study/study-page.ts';
import { countedFromOne } from '../../../src/study/counting.ts';
import type { StudyData } from '../../../src/study/study-data.ts';
import { DESKTOP, startBrowser, type TestBrowser } from '../browser.ts';

export interface OpenedStudy {
  page: Page;
  /** Errors of the console, uncaught ones and requests to anything but the file. */
  faults: string[];
}

export interface StudyPageOptions {
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  hash?: string;
  /** What must be there before the page counts as open. */
  wait?: string;
}

/** A browser for the tests of a `describe`, and a way to open the page of a study in it. */
export function useStudyPages(): (study: StudyData, options?: StudyPageOptions) => Promise<OpenedStudy> {
  let browser: TestBrowser | undefined;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'etude-study-'));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return async (study, { viewport = DESKTOP, colorScheme = 'light', hash = '', wait = '#note-panel dl' } = {}) => {
    const file = join(folder, 'study.html');
    writeFileSync(file, studyPage(countedFromOne(study)));
    // The accessibility checker is brought in by the debugger, past the page's policy, which stays as it is.
    const page = await browser!.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('file://')) faults.push(request.url());
    });
    await page.goto(`${pathToFileURL(file).href}${hash}`);
    await page.locator(wait).waitFor();
    await settled(page);
    return { page, faults };
  };
}

/** Two frames: what was scheduled has been drawn. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

/** The picture of the timeline whose label begins so. */
export function track(page: Page, label: string): Locator {
  return page.locator(`canvas[aria-label^="${label}"]`);
}

/** What the panel of the note or of the unit is called. */
export function title(page: Page, panel: 'note' | 'unit'): Promise<string> {
  return page.locator(`#${panel}-panel h2 > span`).first().innerText();
}
