import type { SequenceShape } from '../cells/cell.ts';
import { headSize, inputWidth, type ModelSpec } from '../spec.ts';

/** How one LSTM layer stands in the arrays of a GPU. */
export interface LayerLayout {
  index: number;
  /** Rows of the pack [3, rows, 4H]: the kernel's, the recurrent kernel's, the bias. */
  rows: number;
  columns: number;
  /** The numbers that the layer's kernels are compiled with. */
  constants: Record<string, number>;
}

/** A model laid out for batches of one shape on a GPU. */
export interface GpuLayout {
  spec: ModelSpec;
  shape: SequenceShape;
  lossOn: 'last' | 'all';
  layers: LayerLayout[];
  /** The heads' outputs side by side: Q columns, [3, H + 1, Q]. */
  heads: { rows: number; columns: number; starts: number[]; constants: Record<string, number> };
  /** Categories and features of a row of the input. */
  entries: number;
  /** Steps that the heads see. */
  seen: number;
  /** Steps that one launch's output holds; see `stepCell`. */
  slots: number;
}

/** How many arrays one launch can join. */
export const JOINED = 6;
/** Copying the slots before costs little up to about so many. */
const MOST_SLOTS = 5;

/** Lays out a model for batches of `shape`. Where the loss looks, and whether there is dropout, is the model's own choice unless given. */
export function layOut(
  spec: ModelSpec,
  shape: SequenceShape,
  { lossOn = spec.lossOn, dropout = spec.lstm.dropout > 0 }: { lossOn?: 'last' | 'all'; dropout?: boolean } = {},
): GpuLayout {
  const { batchSize: B, steps: T } = shape;
  const { hiddenSize: H, layers } = spec.lstm;
  const unitsInFours = { HQ: Math.floor(H / 4), HE: H - (H % 4), HR: H % 4 };
  // An output that dropout has gone over stands alone; else it is a history, with the cells beside it.
  const planes = dropout ? 1 : 2;
  const batchInFours = { BQ: Math.floor(B / 4), BE: B - (B % 4), BR: B % 4 };
  const sizes = { T, B, H, H2: 2 * H, H3: 3 * H, H4: 4 * H, ...unitsInFours, ...batchInFours, planes };
  const featureRow = spec.inputs.categories.reduce((sum, { size }) => sum + size, 0);
  const inputs = { categories: spec.inputs.categories.length, features: spec.inputs.features.length, featureRow };
  const starts: number[] = [];
  let Q = 0;
  for (const head of spec.heads) {
    starts.push(Q);
    Q += headSize(head);
  }
  const seen = lossOn === 'last' ? 1 : T;
  return {
    spec,
    shape,
    lossOn,
    layers: Array.from({ length: layers }, (_, index) => {
      const recurrentRow = index === 0 ? inputWidth(spec) : H;
      const rows = { recurrentRow, biasRow: recurrentRow + H };
      const constants = { ...sizes, ...rows, ...(index === 0 ? inputs : {}) };
      return { index, rows: rows.biasRow + 1, columns: 4 * H, constants };
    }),
    heads: {
      rows: H + 1,
      columns: Q,
      starts,
      constants: {
        B,
        H,
        ...unitsInFours,
        Q,
        heads: spec.heads.length,
        widest: Math.max(...spec.heads.map(headSize)),
        seen,
        first: T - seen,
        planes,
      },
    },
    entries: inputs.categories + inputs.features,
    seen,
    slots: Math.max(1, Math.min(MOST_SLOTS, Math.ceil(T / JOINED))),
  };
}
