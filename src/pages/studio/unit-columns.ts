import { digits, trueMinus } from '../../text/numbers.ts';
import { tableIndex } from '../kit/colour-scales.ts';
import type { HeatPixels } from '../kit/heat-image.ts';
import { opens } from '../../nn/cells/kinds.ts';
import type { PhraseView, ShownQuantity } from './phrase.ts';

/** A quantity of all units, a row a unit, and what the ends of its colours stand for. */
export interface UnitColumns extends HeatPixels {
  names: string[];
  ends: [low: string, high: string];
}

/** What is drawn of a quantity: the network gives step after step, a heat map has row under row. */
export function unitColumns(view: PhraseView, quantity: ShownQuantity): UnitColumns {
  const { units, pitch } = view;
  const columns = pitch.length;
  const values = view.values[quantity]!;
  const [low, high] = rangeOfQuantity(view, quantity);
  const levels = new Uint16Array(units * columns);
  for (let unit = 0; unit < units; unit++) {
    for (let note = 0; note < columns; note++) {
      levels[unit * columns + note] = tableIndex(values[note * units + unit], low, high);
    }
  }
  const rows = Array.from({ length: units }, (_, unit) => unit);
  return {
    levels,
    columns,
    firstNote: 0,
    rows,
    names: rows.map((unit) => String(unit + 1)),
    ends: [endText(low), endText(high)],
  };
}

function endText(value: number): string {
  return Number.isInteger(value) ? trueMinus(String(value)) : digits(value);
}

/** What the colours of a heat map mean. */
export function rangeOfQuantity(
  { values }: Pick<PhraseView, 'values'>,
  quantity: ShownQuantity,
): [low: number, high: number] {
  if (opens(quantity)) return [0, 1];
  if (quantity !== 'c') return [-1, 1];
  // A few cells that count notes would leave all others pale.
  const sizes = Float32Array.from(values.c!, Math.abs).sort();
  const most = Math.max(0.1, sizes[Math.floor(0.97 * (sizes.length - 1))]);
  return [-most, most];
}
