import {
  CELLS,
  cellOf,
  layerWidth,
  type CellPlace,
  type Gate,
  type NamedArrays,
  type SavedModel,
} from '../nn/index.ts';
import type { Floats } from '../tensor/index.ts';

/** In which order a format has gates and peepholes, by our names: its c or c̃ of an LSTM is our g, its h of a GRU our n. */
export interface GateOrder {
  lstm: readonly Gate[];
  gru: readonly Gate[];
  peephole: readonly Gate[];
}

/** The weights of a recurrent cell as other programs have them: a row for each unit of each gate, and two biases. */
export interface CellWeights<A extends Floats = Float32Array> {
  /** [gates * H, inputs]. */
  input: A;
  /** [gates * H, H]. */
  recurrent: A;
  /** [gates * H] each. They are added, but for that of a GRU's candidate: there the reset gate multiplies the second. */
  inputBias: A;
  recurrentBias: A;
  /** [3 * H], of an LSTM with peepholes. */
  peephole?: A;
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
  const to = blocksOf(prefix, order);
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

/**
 * The way back for an LSTM, GRU or RNN of H units: our parameters, by the ends of their names. Two biases that are only ever added become
 * their sum; that of a GRU's candidate, which the reset gate multiplies, stays apart.
 */
export function parametersOf(weights: CellWeights<Floats>, cell: 'lstm' | 'gru' | 'rnn', H: number, order: GateOrder): NamedArrays {
  const { prefix, gates } = CELLS[cell];
  const from = blocksOf(prefix, order);
  const { input, recurrent, inputBias, recurrentBias } = weights;
  const columns = (rows: Floats, to: Blocks): Float32Array => gateColumns(rows, from, to, H);
  const isGru = cell === 'gru';
  const [first, second] = [columns(inputBias, gates), columns(recurrentBias, gates)];
  // The sum is formed before it is rounded, and where one is zero the other stays as it is, a zero with a sign included.
  const sums = Float64Array.from(inputBias, (b, k) => (recurrentBias[k] === 0 ? b : b + recurrentBias[k]));
  const bias = columns(sums, gates);
  if (isGru) bias.set(first.subarray(2 * H), 2 * H);
  return {
    kernel: columns(input, gates),
    recurrent_kernel: columns(recurrent, isGru ? ['r', 'z'] : gates),
    ...(isGru && { candidate_kernel: columns(recurrent, ['n']) }),
    bias,
    ...(isGru && { candidate_bias: second.slice(2 * H) }),
  };
} // prettier-ignore

/** A matrix of so many columns with rows for columns. */
export function transposed(matrix: Floats, columns: number): Float32Array {
  return gateRows(matrix, WHOLE, WHOLE, columns);
}

/** Without gates there is one block. */
const WHOLE: Blocks = [''];

function blocksOf(prefix: string, order: GateOrder): Blocks {
  return prefix === 'rnn' ? WHOLE : order[prefix as 'lstm' | 'gru'];
}

/** Columns [N, from * H] as rows [to * H, N], gate by gate; gates that are not in `from` are 0. */
function gateRows(columns: Floats, from: Blocks, to: Blocks, H: number): Float32Array {
  const N = columns.length / (from.length * H);
  return putGates(new Float32Array(to.length * H * N), columns, from, to, H);
}

/** Writes the gates of columns [N, from * H] to their rows in [to * H, N], and leaves the others alone. */
function putGates(rows: Float32Array, columns: Floats, from: Blocks, to: Blocks, H: number): Float32Array {
  pairGates(columns.length, from, to, H, (column, row) => { rows[row] = columns[column]; }); // prettier-ignore
  return rows;
}

/** Rows [from * H, N] as columns [N, to * H]; gates that are not in `to` are left out. */
function gateColumns(rows: Floats, from: Blocks, to: Blocks, H: number): Float32Array {
  const columns = new Float32Array((rows.length / from.length) * to.length);
  pairGates(columns.length, to, from, H, (column, row) => { columns[column] = rows[row]; }); // prettier-ignore
  return columns;
}

/** Goes through the numbers of `length` in columns [N, from * H], each with the place that it has in rows [to * H, N]. */
function pairGates(length: number, from: Blocks, to: Blocks, H: number, visit: (column: number, row: number) => void): void {
  const width = from.length * H;
  const N = length / width;
  for (const [block, gate] of from.entries()) {
    const [column, row] = [block * H, to.indexOf(gate) * H];
    for (let j = 0; j < H; j++) {
      for (let n = 0; n < N; n++) visit(n * width + column + j, (row + j) * N + n);
    }
  }
} // prettier-ignore
