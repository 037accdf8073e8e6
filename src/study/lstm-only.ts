import { UsageError } from '../errors.ts';
import { CELLS } from '../nn/cells/kinds.ts';
import { cellOf, type ModelSpec } from '../nn/spec.ts';

/** @throws UsageError for a model whose layers are of another cell than the LSTM, or of different widths */
export function assertLstm(spec: ModelSpec): void {
  if (spec.lstm.widths) {
    throw new UsageError(
      `study: it looks into layers of one width, and this model's have ${spec.lstm.widths.join(', ')} units. Train one with layers of one width to look inside.`,
    );
  }
  const cell = cellOf(spec);
  if (cell === 'lstm') return;
  throw new UsageError(
    `study: it looks into the gates and cells of an LSTM, and this model's layers are ${CELLS[cell].title}. Train one with the cell "lstm" to look inside.`,
  );
}
