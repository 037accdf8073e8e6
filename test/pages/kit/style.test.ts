import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTROLS_STYLE, TEXT_STYLE } from '../../../src/pages/kit/style.ts';
import { REPORT_STYLE } from '../../../src/pages/report/style.ts';
import { STUDY_STYLE } from '../../../src/pages/study/page-style.ts';
import { contrast } from '../../support/contrast.ts';

const pages = resolve(import.meta.dirname, '../../../src/pages');
const SHARED = `${TEXT_STYLE}\n${CONTROLS_STYLE}`;
const STUDIO = readFileSync(join(pages, 'studio/style.css'), 'utf8');
const sheets = { study: STUDY_STYLE, report: REPORT_STYLE, studio: `${SHARED}\n${STUDIO}` };

/** The colours of the root, light and dark. */
const [light, dark] = [...TEXT_STYLE.matchAll(/:root \{[^}]*?(--etude-[^}]*)\}/g)].map(
  ([, text]) => new Map([...text.matchAll(/--etude-([\w-]+):\s*(#\w{6})/g)].map(([, name, hex]) => [name, hex])),
);

describe('the sheet of the kit', () => {
  it('has the same colours in light and dark', () => {
    expect(light.size).toBeGreaterThan(25);
    expect([...dark.keys()]).toEqual([...light.keys()]);
  });

  it.each([
    ['light', light],
    ['dark', dark],
  ])('keeps text readable on every ground: %s', (_, colours) => {
    for (const ground of ['paper', 'soft', 'raised']) {
      for (const text of ['ink', 'faint', 'accent', 'plus', 'minus', 'warn'])
        expect(contrast(colours.get(text)!, colours.get(ground)!), `${text} on ${ground}`).toBeGreaterThan(4.5);
      expect(contrast(colours.get('choice')!, colours.get(ground)!)).toBeGreaterThan(3);
    }
    expect(contrast(colours.get('on-accent')!, colours.get('accent')!)).toBeGreaterThan(4.5);
  });

  it.each(Object.entries(sheets))('defines every colour that the page names: %s', (_, sheet) => {
    const used = new Set([...sheet.matchAll(/var\(--etude-([\w-]+)/g)].map(([, name]) => name));
    expect(used.size).toBeGreaterThan(8);
    expect([...used].filter((name) => !light.has(name))).toEqual([]);
    expect([...sheet.matchAll(/var\(--(?!etude-)([\w-]+)/g)].map(([, name]) => name).filter((name) => !['series', 'header'].includes(name))).toEqual([]); // prettier-ignore
  });

  it('is the only place that says what a colour is: pages add none, but for the keys of a piano', () => {
    const own = {
      study: STUDY_STYLE.replace(SHARED, ''),
      report: REPORT_STYLE.replace(TEXT_STYLE, ''),
      studio: STUDIO,
    };
    const colours = Object.entries(own).flatMap(([page, sheet]) =>
      [...sheet.matchAll(/#[0-9a-f]{3,8}\b(?=\s*;)/g)].map(([hex]) => `${page} ${hex}`),
    );
    expect(colours).toEqual(['studio #fdfdfd', 'studio #8a8a94', 'studio #26262c']);
  });
});

it('elements, canvases and colours of canvases are made in the kit alone', () => {
  const files = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !/generated|^kit/.test(file)); // prettier-ignore
  expect(files.length).toBeGreaterThan(60);
  const makes = /document\.createElement|getContext\('2d'\)|getComputedStyle|prefers-color-scheme/;
  expect(files.filter((file) => makes.test(readFileSync(join(pages, file), 'utf8')))).toEqual([]);
});
