import { describe, expect, it } from 'vitest';
import { TABLE_COLOURS } from '../../../src/pages/kit/colour-scales.ts';
import { rangeOfQuantity, unitColumns } from '../../../src/pages/studio/unit-columns.ts';
import { shownQuantities, type PhraseView } from '../../../src/pages/studio/phrase.ts';

/** Two notes of three units; what the network gives is note after note. */
function viewOf(numbers: readonly number[]): PhraseView {
  const values = Object.fromEntries(shownQuantities('lstm').map((name) => [name, Float32Array.from(numbers)]));
  return { units: 3, pitch: [60, 62], values } as unknown as PhraseView;
}

describe('the heat map of the units', () => {
  it('has a row for each unit and a column for each note', () => {
    const { levels, columns, rows, names, ends } = unitColumns(viewOf([0, 0.5, 1, 1, 0, NaN]), 'f');
    const top = TABLE_COLOURS - 1;
    expect([...levels]).toEqual([0, top, Math.round(top / 2), 0, top, TABLE_COLOURS]);
    expect({ columns, rows, names, ends }).toEqual({ columns: 2, rows: [0, 1, 2], names: ['1', '2', '3'], ends: ['0', '1'] }); // prettier-ignore
  });

  it('has nothing in the middle of the colours for what has a sign; a few cells that count do not make all others pale', () => {
    const [, middle] = unitColumns(viewOf([0, 0, 0, 0, 0, 0]), 'h').levels;
    expect(Math.abs(middle - (TABLE_COLOURS - 1) / 2)).toBeLessThan(1);
    expect(rangeOfQuantity(viewOf([1, -2, 0, 0, 0, 0]), 'h')).toEqual([-1, 1]);
    const counting = Float32Array.from({ length: 600 }, (_, k) => (k < 6 ? 90 : 2));
    expect(rangeOfQuantity({ values: { ...viewOf([]).values, c: counting } }, 'c')).toEqual([-2, 2]);
  });
});
