import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { TestBrowser } from './which-browser.ts';

export {
  browserName,
  DOWNLOADS,
  inBrowser,
  noBrowser,
  noSound,
  startBrowser,
  startWithProfile,
  type TestBrowser,
} from './which-browser.ts';

/** A page under observation: what it wrote to the console, and what it asked other hosts for. */
export interface WatchedPage {
  page: Page;
  /** Errors and warnings of the console, and exceptions that nobody caught. */
  complaints: string[];
  /** Addresses that are not the server's. */
  foreign: string[];
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** How many pixels the page is wider than the screen without its scroll bar. */
export const BEYOND = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** How many colours a canvas has. Reads from a copy: reading often from a canvas that is drawn on makes Chromium complain. */
export const COUNT_COLOURS = new Function(
  'canvas',
  `const copy = document.createElement('canvas');
   [copy.width, copy.height] = [canvas.width, canvas.height];
   const context = copy.getContext('2d', { willReadFrequently: true });
   context.drawImage(canvas, 0, 0);
   const { data } = context.getImageData(0, 0, copy.width, copy.height);
   const seen = new Set();
   for (let k = 0; k < data.length; k += 4) seen.add((data[k] << 16) | (data[k + 1] << 8) | data[k + 2]);
   return seen.size;`,
) as (canvas: unknown) => number;

/** A fresh page that has not loaded anything yet. */
export async function newPage(context: BrowserContext, origin: string): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) foreign.push(url);
  });
  return { page, complaints, foreign };
}

/** Waits until the page has a network; a browser's first start on a cold machine takes its time. */
export async function ready(page: Page): Promise<void> {
  try {
    await page.waitForSelector('#start:not([disabled])', { timeout: 90_000 });
  } catch (cause) {
    throw new Error(`There is no network yet. The page says: ${await page.textContent('body')}`, { cause });
  }
}

/** What is done on a page. */
export type PageTest = (page: Page, watched: WatchedPage) => Promise<void>;

/** Opens the studio's page and gives it to a test, which fails if the page complained or asked another host. */
export async function withPageOf(
  browser: TestBrowser,
  url: string,
  test: PageTest,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options });
  try {
    const watched = await newPage(context, new URL(url).origin);
    await watched.page.goto(url);
    await ready(watched.page);
    await test(watched.page, watched);
    expect(watched.complaints).toEqual([]);
    expect(watched.foreign).toEqual([]);
  } finally {
    await context.close();
  }
}
