import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { htmlTable, paragraph, section } from '../../../src/pages/kit/html.ts';
import { CONTROLS_STYLE, TEXT_STYLE } from '../../../src/pages/kit/style.ts';
import type { TestBrowser } from '../browser.ts';
import { cspHash, rawText } from '../../../src/pages/study/embed.ts';

/** The page and its pictures lie here, so that one can look at them. */
export const FOLDER = join(tmpdir(), 'etude-kit-examples');

/** What the examples need beside the kit's sheet, as every page has its layout. */
const LAYOUT = `main { max-width: 60rem; margin: 0 auto; padding: 1rem; } .example, main > section { margin-bottom: 2rem; min-width: 0; }
.roll { height: 9.5rem; margin-bottom: .75rem; }`;

/** Writes the page of all examples, with the policy that the study's page has too: one script, one style, nothing else. */
export async function writeExamples(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(import.meta.dirname, 'examples/page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  const program = rawText('script', outputFiles[0].text);
  const style = rawText('style', `${TEXT_STYLE}\n${CONTROLS_STYLE}\n${LAYOUT}`);
  const policy = `default-src 'none'; script-src ${cspHash(program)}; style-src ${cspHash(style)}`;
  const text = section(
    'Text as HTML',
    paragraph('A sentence that is good to know.'),
    paragraph('A note, which is less important, and as wide as one likes to read.', 'note'),
    htmlTable(['Head', 'Loss', 'Gain'], [['pitch', { number: '1.234', strong: true }, { number: '+54 %' }], ['step', { number: '0.345' }, { number: '−2 %' }]]), // prettier-ignore
  );
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, 'examples.html');
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>The kit of the pages</title><style>${style}</style></head>
<body><main><h1>The kit of the pages</h1>${text}<div id="examples"></div></main><script>${program}</script></body></html>`,
  );
  return pathToFileURL(file).href;
}

export interface OpenedExamples {
  page: Page;
  faults: string[];
}

export async function openExamples(
  browser: TestBrowser,
  url: string,
  options: { viewport: { width: number; height: number }; colorScheme: 'light' | 'dark' },
): Promise<OpenedExamples> {
  const page = await browser.newPage({ ...options, reducedMotion: 'reduce' });
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(url);
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  return { page, faults };
}
