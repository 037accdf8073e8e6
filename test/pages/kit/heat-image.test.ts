import { expect, test } from 'vitest';
import { pixelTable, SEQUENTIAL, TABLE_COLOURS } from '../../../src/pages/kit/colour-scales.ts';
import { colourLevels, heatImage } from '../../../src/pages/kit/heat-image.ts';
import { TimeAxis } from '../../../src/pages/kit/time-axis.ts';

const pixels = pixelTable(SEQUENTIAL);
const axis = new TimeAxis('notes', { start: [0, 1, 2, 3], seconds: 4 });
const [lowest, highest] = [pixels[0], pixels[TABLE_COLOURS - 1]];

function image(
  values: number[],
  options: { firstNote?: number; columns?: number; rows?: number[]; width?: number } = {},
) {
  const { firstNote = 0, columns = 4, rows = [0], width = 8 } = options;
  const levels = colourLevels({ values: Float32Array.from(values), low: 0, high: 1 });
  return [...heatImage({ levels, columns, firstNote, rows }, axis, { from: 0, to: 4 }, width, pixels)];
}

test('each note is as wide as its column', () => {
  expect(image([0, 1, 0, 1])).toEqual([lowest, lowest, highest, highest, lowest, lowest, highest, highest]);
});

test('rows stand in the order asked for', () => {
  const made = image([0, 0, 0, 0, 1, 1, 1, 1], { rows: [1, 0], width: 4 });
  expect(made).toEqual([highest, highest, highest, highest, lowest, lowest, lowest, lowest]);
});

test('notes that share a pixel are averaged', () => {
  const [left, right] = image([0, 1, 1, 1], { width: 2 });
  expect(left).toBe(pixels[Math.round(255 * 0.5)]);
  expect(right).toBe(highest);
});

test('what the table does not hold is clear: notes before and after it, and missing numbers', () => {
  expect(image([1, NaN], { firstNote: 1, columns: 2, width: 4 })).toEqual([0, highest, 0, 0]);
});
