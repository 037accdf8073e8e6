import { describe, expect, it } from 'vitest';
import { classes, LOUDNESS_STEPS, SERIES_COLOURS, styleSheet } from '../../src/plot/theme.ts';
import { contrast } from '../support/contrast.ts';

const css = styleSheet();
/** The custom properties of the light and of the dark scheme. */
const [light, dark] = [/^\.etude-plot\{([^}]*)\}/m, /prefers-color-scheme:dark\)\{\.etude-plot\{([^}]*)\}\}/].map(
  (pattern) =>
    new Map([...pattern.exec(css)![1].matchAll(/--etude-([\w-]+):(#\w{6})/g)].map(([, name, value]) => [name, value])),
);

describe('styleSheet', () => {
  it('has the same colours for light and dark surroundings', () => {
    expect(light.size).toBeGreaterThan(15);
    expect([...dark.keys()]).toEqual([...light.keys()]);
  });

  it('says each colour in plain, for programs that know no variables, and then by its variable', () => {
    const uses = [...css.matchAll(/(fill|stroke):(#\w{6});(?:fill|stroke):var\(--etude-([\w-]+)\)/g)];
    expect(uses.length).toBeGreaterThan(20);
    for (const [, , plain, name] of uses) expect(plain).toBe(light.get(name));
    expect([...css.matchAll(/var\(/g)].length).toBe(uses.length);
  });

  it('touches nothing outside its own classes', () => {
    const selectors = [...css.matchAll(/(?:^|\{|\})\s*([^{}@]+)\{/gm)].map(([, selector]) => selector.trim());
    expect(selectors.length).toBeGreaterThan(20);
    for (const selector of selectors) expect(selector).toMatch(/^\.etude-plot(-[\w-]+)?$/);
  });

  it('has a rule for every class that pictures use', () => {
    const names = Object.values(classes).flatMap((value) =>
      typeof value === 'string'
        ? [value]
        : Array.from({ length: value === classes.series ? SERIES_COLOURS : LOUDNESS_STEPS }, (_, i) => value(i)),
    );
    for (const name of names) expect(css).toContain(`.${name}{`);
  });

  it('cannot end its own element or load anything', () => {
    expect(css).not.toMatch(/<|url\(|@import/);
  });

  it.each([
    ['light', light],
    ['dark', dark],
  ])('keeps text readable and curves visible in %s surroundings', (_, colours) => {
    const against = (name: string): number => contrast(colours.get(name)!, colours.get('paper')!);
    expect(against('ink')).toBeGreaterThan(7);
    expect(against('faint')).toBeGreaterThan(4.5);
    for (let i = 0; i < SERIES_COLOURS; i++) expect(against(`series-${i}`)).toBeGreaterThan(2);
    for (const i of [0, 1]) expect(against(`series-${i}`)).toBeGreaterThan(3);
    const steps = Array.from({ length: LOUDNESS_STEPS }, (_, i) => against(`loudness-${i}`));
    expect(steps[0]).toBeGreaterThan(1.5);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('uses the colours of Okabe and Ito, each once', () => {
    const okabeIto = [
      '#e69f00',
      '#56b4e9',
      '#009e73',
      '#f0e442',
      '#0072b2',
      '#d55e00',
      '#cc79a7',
      '#000000',
      '#ffffff',
    ];
    for (const colours of [light, dark]) {
      const series = Array.from({ length: SERIES_COLOURS }, (_, i) => colours.get(`series-${i}`)!);
      expect(new Set(series).size).toBe(SERIES_COLOURS);
      for (const colour of series) expect(okabeIto).toContain(colour);
    }
  });
});
