import fc from 'fast-check';

import type { CellKind, ModelSpec } from '../../../src/nn/index.ts';
import { anySpec, smallSpec } from '../../support/model-specs.ts';

/** Any architecture of a cell, its layers of one width or of different ones. */
export function anySpecOf(cell: CellKind): fc.Arbitrary<ModelSpec> {
  const below = fc.option(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 3, maxLength: 3 }), { nil: undefined });
  return fc.tuple(anySpec, below).map(([spec, sizes]) => {
    const { layers, hiddenSize } = spec.lstm;
    const widths = sizes && layers > 1 && [...sizes.slice(0, layers - 1), hiddenSize];
    return { ...spec, lstm: { ...spec.lstm, cell, ...(widths && { widths }) } };
  });
}

/** A small model of a cell whose layers have 6 and 4 units. */
export function taperedSpec(cell: CellKind, overrides: Parameters<typeof smallSpec>[0] = {}): ModelSpec {
  const spec = smallSpec(overrides);
  return { ...spec, lstm: { ...spec.lstm, cell, layers: 2, hiddenSize: 4, widths: [6, 4] } };
}
