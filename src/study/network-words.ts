import { CELLS, type CellKind } from '../nn/cells/kinds.ts';
import { counted } from '../text/words.ts';

/** `2 layers of 128 LSTM units`, `layers of 256 and 128 GRU units`. */
export function networkInWords(cell: CellKind, widths: readonly number[]): string {
  const { title } = CELLS[cell];
  if (widths.length === 1) return counted(widths[0], `${title} unit`);
  const alike = widths.every((width) => width === widths[0]);
  if (alike) return `${widths.length} layers of ${counted(widths[0], `${title} unit`)}`;
  return `layers of ${widths.slice(0, -1).join(', ')} and ${counted(widths.at(-1)!, `${title} unit`)}`;
}
