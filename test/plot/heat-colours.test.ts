import { describe, expect, it } from 'vitest';
import { HEAT_STEPS, heatClass, heatLevel, heatStyleSheet } from '../../src/plot/heat-colours.ts';

const css = heatStyleSheet();
const [light, dark] = [/^\.etude-plot\{([^}]*)\}/m, /prefers-color-scheme:dark\)\{\.etude-plot\{([^}]*)\}\}/].map(
  (pattern) =>
    new Map(
      [...pattern.exec(css)![1].matchAll(/--etude-heat-(\w+):(#\w{6})/g)].map(([, name, value]) => [name, value]),
    ),
);
const levels = Array.from({ length: 2 * HEAT_STEPS + 1 }, (_, k) => k - HEAT_STEPS);

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe('heatLevel', () => {
  it('is 0 at 0, and strongest at the limit and beyond', () => {
    expect([0, 1, -1, 7, -7].map((value) => heatLevel(value, 1))).toEqual([0, 8, -8, 8, -8]);
    expect([0.5, -0.5].map((value) => heatLevel(value, 2))).toEqual([2, -2]);
    expect(Object.is(heatLevel(-0.001, 1), 0)).toBe(true);
  });

  it('has no colour for what is no number', () => {
    expect(heatLevel(NaN, 1)).toBeUndefined();
  });
});

describe('heatStyleSheet', () => {
  it('has a rule and a colour in either scheme for every level', () => {
    expect(light.size).toBe(levels.length);
    expect([...dark.keys()]).toEqual([...light.keys()]);
    for (const level of levels) expect(css).toContain(`.${heatClass(level)}{stroke:#`);
  });

  it.each([
    ['light', light, -1],
    ['dark', dark, 1],
  ])('goes away from the ground with the size of the value, in %s surroundings', (_, colours, direction) => {
    for (const sign of ['', 'n']) {
      const row = levels
        .filter((level) => level >= 0)
        .map((level) => colours.get(level === 0 ? '0' : `${sign}${level}`)!);
      row.slice(1).forEach((colour, k) => {
        expect(direction * (luminance(colour) - luminance(row[k]))).toBeGreaterThan(0);
      });
    }
  });

  it('touches nothing outside its own classes', () => {
    const selectors = [...css.matchAll(/(?:^|\{|\})\s*([^{}@]+)\{/gm)].map(([, selector]) => selector.trim());
    for (const selector of selectors) expect(selector).toMatch(/^\.etude-plot(-[\w-]+)?$/);
  });
});
