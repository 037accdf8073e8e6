import { CELLS, cellOf, layerWidth, type CellPlace, type Gate, type SavedModel } from '../nn/index.ts';
import type { Floats } from '../tensor/index.ts';

/** In which order a format has gates and peepholes, by our names: its c or c̃ of an LSTM is our g, its h of a GRU our n. */
export interface GateOrder {
  lstm: readonly Gate[];
  gru: readonly Gate[];
  peephole: readonly Gate[];
}

/** The weights of a recurrent cell as other programs have them: a row for each unit of each gate, and two biases. */
export interface CellWeights {
  /** [gates * H, inputs]. */
  input: Float32Array;
  /** [gates * H, H]. */
  recurrent: Float32Array;
  /** [gates * H] each. They are added, but for that of a GRU's candidate: there the reset gate multiplies the second. */
  inputBias: Float32Array;
  recurrentBias: Float32Array;
  /** [3 * H], of an LSTM with peepholes. */
  peephole?: Float32Array;
}

/** Gates in the order of a format; a cell without gates has one block, which has no name. */
type Blocks = readonly (Gate | '')[];

/**
 * The weights of one cell of a model, for a format with another order of gates. We have one bias where others have two: it is the
 * first, and the second is 0, but for `candidate_bias` of a GRU.
 * @param place the layer, or of a layer in both directions the cell that reads backwards
 */
export function cellWeights({ spec, parameters }: SavedModel, place: CellPlace, order: GateOrder): CellWeights {
  const { prefix, gates } = CELLS[cellOf(spec)];
  const H = layerWidth(spec, parseInt(String(place)));
  const to: Blocks = prefix === 'rnn' ? [''] : order[prefix as 'lstm' | 'gru'];
  const part = (name: string): Float32Array | undefined => parameters[`${prefix}.${place}.${name}`];
  const rows = (from: Blocks, name: string): Float32Array => gateRows(part(name)!, from, to, H);
  const inputBias = rows(gates, 'bias');
  const weights: CellWeights = {
    input: rows(gates, 'kernel'),
    recurrent: prefix === 'gru' ? rows(['r', 'z'], 'recurrent_kernel') : rows(gates, 'recurrent_kernel'),
    inputBias,
    recurrentBias: new Float32Array(inputBias.length),
  };
  const [candidate, bias, peephole] = ['candidate_kernel', 'candidate_bias', 'peephole'].map(part);
  if (candidate) putGates(weights.recurrent, candidate, ['n'], to, H);
  if (bias) putGates(weights.recurrentBias, bias, ['n'], to, H);
  if (peephole) weights.peephole = gateRows(peephole, ['i', 'f', 'o'], order.peephole, H);
  return weights;
}

/** Columns [N, from * H] as rows [to * H, N], gate by gate; gates that are not in `from` are 0. */
function gateRows(columns: Floats, from: Blocks, to: Blocks, H: number): Float32Array {
  const N = columns.length / (from.length * H);
  return putGates(new Float32Array(to.length * H * N), columns, from, to, H);
}

/** Writes the gates of columns [N, from * H] to their rows in [to * H, N], and leaves the others alone. */
function putGates(rows: Float32Array, columns: Floats, from: Blocks, to: Blocks, H: number): Float32Array {
  const width = from.length * H;
  const N = columns.length / width;
  for (const [block, gate] of from.entries()) {
    const [column, row] = [block * H, to.indexOf(gate) * H];
    for (let j = 0; j < H; j++) {
      for (let n = 0; n < N; n++) rows[(row + j) * N + n] = columns[n * width + column + j];
    }
  }
  return rows;
}
