import { expect, test } from 'vitest';
import {
  colourAt,
  cssGradient,
  DIVERGING,
  pixelTable,
  SEQUENTIAL,
  TABLE_COLOURS,
  cssPixel,
  tableIndex,
  type Rgb,
} from '../../../src/pages/kit/colour-scales.ts';

function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** CIE L*, 0 to 100. */
function lightness([red, green, blue]: Rgb): number {
  const y = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

/** How people see colours who lack one kind of cones (Machado, Oliveira and Fernandes, 2009, severity 1), in linear RGB. */
const VISIONS = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function seen(colour: Rgb, matrix: readonly number[]): number[] {
  const light = colour.map(linear);
  return [0, 3, 6].map((row) => light.reduce((sum, value, k) => sum + matrix[row + k] * value, 0));
}

const parts = Array.from({ length: 101 }, (_, k) => k / 100);

test('the sequential scale becomes lighter all along', () => {
  const along = parts.map((part) => lightness(colourAt(SEQUENTIAL, part)));
  for (let k = 1; k < along.length; k++) expect(along[k]).toBeGreaterThan(along[k - 1]);
});

test.each(['light', 'dark'] as const)(
  'plus and minus are as far from nothing, and nothing looks like the %s ground',
  (scheme) => {
    const scale = DIVERGING[scheme];
    const middle = lightness(colourAt(scale, 0.5));
    if (scheme === 'light') expect(middle).toBeGreaterThan(95);
    else expect(middle).toBeLessThan(15);
    for (let k = 1; k <= 50; k++) {
      const [minus, plus] = [0.5 - k / 100, 0.5 + k / 100].map((part) => lightness(colourAt(scale, part)));
      expect(Math.abs(minus - plus)).toBeLessThan(12);
      expect(Math.abs(minus - middle)).toBeGreaterThan(k / 2);
    }
  },
);

test.each(Object.entries(VISIONS))('plus and minus are told apart with %s', (_, matrix) => {
  for (const scale of Object.values(DIVERGING)) {
    for (const size of [0.25, 0.35, 0.5]) {
      const minus = seen(colourAt(scale, 0.5 - size), matrix);
      const plus = seen(colourAt(scale, 0.5 + size), matrix);
      // Red + green against blue, beside each other: the sign of warm or cold.
      const warmth = ([red, green, blue]: number[]): number => (red + green) / 2 - blue;
      const apart = Math.hypot(...minus.map((value, k) => value - plus[k]));
      expect(apart).toBeGreaterThan(0.05);
      if (matrix !== VISIONS.tritanopia) expect(warmth(plus)).toBeLessThan(warmth(minus));
    }
  }
});

test('ends and missing numbers have the right pixel', () => {
  const table = pixelTable(SEQUENTIAL);
  expect(tableIndex(-1, 0, 1)).toBe(0);
  expect(tableIndex(9, 0, 1)).toBe(TABLE_COLOURS - 1);
  expect(tableIndex(NaN, 0, 1)).toBe(TABLE_COLOURS);
  expect(table[TABLE_COLOURS]).toBe(0);
  const [red, green, blue] = SEQUENTIAL[0];
  expect([...new Uint8Array(table.buffer, 0, 4)]).toEqual([red, green, blue, 255]);
});

test('a gradient names every colour of its scale', () => {
  expect(cssGradient(SEQUENTIAL).match(/rgb\(/g)).toHaveLength(SEQUENTIAL.length);
});

test('a colour of CSS is a pixel, however it is written', () => {
  expect(cssPixel('#1f6fb0').toString(16)).toBe('ffb06f1f');
  expect(cssPixel('rgb(31,111,176)')).toBe(cssPixel('#1F6FB0'));
  expect(cssPixel('rgb(31 111 176)')).toBe(cssPixel('#1F6FB0'));
});
