import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, firefox, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { inject } from 'vitest';
import { CHROMIUM, QUIET_FLAGS } from '../browser/chromium.ts';
import type {} from './sound-server.ts';

/** In which browser the pages are driven: the slow tests run all of them in each (vitest.slow.config.ts). */
export const browserName = process.env.ETUDE_BROWSER === 'firefox' ? 'Firefox' : 'Chromium';

/** Debian's; none of our own is downloaded. */
const PROGRAM = browserName === 'Firefox' ? (process.env.ETUDE_FIREFOX ?? '/usr/bin/firefox-esr') : CHROMIUM;

/** Why the page cannot be driven here; undefined where it can. */
export const noBrowser: string | undefined = existsSync(PROGRAM) ? undefined : `${PROGRAM} is not there`;

/** For the names of tests: which browser, and why they are skipped. */
export const inBrowser = `in ${browserName}${noBrowser === undefined ? '' : ` (skipped: ${noBrowser})`}`;

/** Where Firefox's sound goes. */
const SOUND = inject('soundServer');

/** Why nothing sounds in this browser; undefined where it does. */
export const noSound: string | undefined =
  browserName === 'Firefox' && SOUND === undefined ? 'Firefox needs a sound card, or pulseaudio' : undefined;

/** What the tests need of a browser. */
export type TestBrowser = Pick<Browser, 'newContext' | 'newPage' | 'close'>;

/** A browser whose profile lies in `folder`, as people have one: what it keeps is there when it is started again. */
export function startWithProfile(folder: string): Promise<BrowserContext> {
  if (browserName === 'Firefox') {
    const none = { colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null } as const;
    return firefox.launchPersistentContext(folder, { ...optionsOf(false, false), ...none });
  }
  return chromium.launchPersistentContext(folder, optionsOfChromium([]));
}

/**
 * @param flags of Chromium, beside those that keep it quiet
 * @param options `silent`: without a sound card, in Firefox
 */
export async function startBrowser(flags: string[] = [], options: { silent?: boolean } = {}): Promise<TestBrowser> {
  return browserName === 'Firefox'
    ? new Firefox(options.silent ? undefined : SOUND)
    : chromium.launch(optionsOfChromium(flags));
}

/** Where Firefox puts what it downloads: Playwright cannot tell of downloads from blobs there. */
export const DOWNLOADS = browserName === 'Firefox' ? mkdtempSync(join(tmpdir(), 'etude-downloads-')) : '';
if (DOWNLOADS !== '') process.once('exit', () => rmSync(DOWNLOADS, { recursive: true, force: true }));

function optionsOfChromium(more: string[]): { executablePath: string; args: string[] } {
  return {
    executablePath: PROGRAM,
    args: [...QUIET_FLAGS, ...more],
  };
}

/**
 * Firefox as it is released, by WebDriver BiDi. It takes no other colour scheme once it runs, so there is a process for
 * light and one for dark.
 */
class Firefox implements TestBrowser {
  readonly #running = new Map<string, Promise<Browser>>();
  readonly #sound: string | undefined;

  constructor(sound: string | undefined) {
    this.#sound = sound;
  }

  async newContext(options: BrowserContextOptions = {}): ReturnType<Browser['newContext']> {
    const { colorScheme, reducedMotion, ...rest } = options;
    const browser = await this.#with(colorScheme === 'dark', reducedMotion === 'reduce');
    return browser.newContext({ ...rest, colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null });
  }

  async newPage(options: BrowserContextOptions = {}): ReturnType<Browser['newPage']> {
    const context = await this.newContext(options);
    const page = await context.newPage();
    // The page takes its context along; where the browser is closed first there is none left to close.
    page.once('close', () => void context.close().catch(() => undefined));
    return page;
  }

  async close(): Promise<void> {
    for (const browser of this.#running.values()) await (await browser).close();
  }

  #with(dark: boolean, still: boolean): Promise<Browser> {
    const key = `${dark} ${still}`;
    const running = this.#running.get(key) ?? firefox.launch(optionsOf(dark, still, this.#sound));
    this.#running.set(key, running);
    return running;
  }
}

function optionsOf(dark: boolean, still: boolean, sound = 'none'): NonNullable<Parameters<typeof firefox.launch>[0]> {
  return {
    channel: 'moz-firefox',
    executablePath: PROGRAM,
    downloadsPath: DOWNLOADS,
    env: { ...process.env, PULSE_SERVER: sound },
    firefoxUserPrefs: {
      'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
      'ui.prefersReducedMotion': still ? 1 : 0,
      // The panel takes the focus from the page.
      'browser.download.alwaysOpenPanel': false,
    },
  };
}
