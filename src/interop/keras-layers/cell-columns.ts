import { DataError } from '../../errors.ts';
import {
  CELLS,
  cellOf,
  layerWidth,
  type CellKind,
  type CellPlace,
  type Gate,
  type NamedArrays,
  type SavedModel,
} from '../../nn/index.ts';
import type { Floats } from '../../tensor/index.ts';

/** In which order Keras and TensorFlow.js have gates: as we, but for the GRU, whose update gate stands in front. */
export const KERAS_GATES = { lstm: ['i', 'f', 'g', 'o'], gru: ['z', 'r', 'n'], rnn: [''] } as const satisfies Record<
  string,
  readonly (Gate | '')[]
>;

/** The weights of a cell as Keras has them: a column for each unit of each gate, as ours, but one recurrent kernel. */
export interface CellColumns<A extends Floats = Float32Array> {
  /** [inputs, gates * H]. */
  kernel: A;
  /** [H, gates * H]. */
  recurrent_kernel: A;
  /** [gates * H]; of a GRU with its reset gate behind the product [2, 3 * H]: that of what comes in, then that of the state. */
  bias: A;
}

/** The shapes of these. */
export function columnShapes(cell: CellKind, inputs: number, H: number): Record<keyof CellColumns, number[]> {
  const columns = CELLS[cell].gates.length * H;
  return { kernel: [inputs, columns], recurrent_kernel: [H, columns], bias: cell === 'gru' ? [2, columns] : [columns] };
}

/**
 * The weights of one cell of a model, in the order of Keras.
 * @param place the layer, or of a layer in both directions the cell that reads backwards
 * @throws DataError for a cell that Keras does not have
 */
export function cellColumns({ spec, parameters }: SavedModel, place: CellPlace): CellColumns {
  const cell = cellOf(spec);
  const { prefix, gates } = CELLS[cell];
  const H = layerWidth(spec, parseInt(String(place)));
  const to = orderOf(cell);
  const part = (name: string): Float32Array => parameters[`${prefix}.${place}.${name}`];
  /** Columns of some gates among those of all. */
  const put = (name: string, from: Blocks, target?: Float32Array): Float32Array => {
    const rows = part(name).length / (from.length * H);
    return putBlocks(target ?? new Float32Array(rows * to.length * H), to, part(name), from, H);
  };
  const kernel = put('kernel', gates);
  const bias = put('bias', gates);
  if (prefix !== 'gru') return { kernel, recurrent_kernel: put('recurrent_kernel', gates), bias };
  const recurrent = put('candidate_kernel', ['n'], put('recurrent_kernel', ['r', 'z']));
  if (cell === 'gru-before') return { kernel, recurrent_kernel: recurrent, bias };
  const both = new Float32Array(2 * bias.length);
  both.set(bias);
  both.set(put('candidate_bias', ['n']), bias.length);
  return { kernel, recurrent_kernel: recurrent, bias: both };
}

/** The way back: our parameters of a cell of H units, by the ends of their names. Two biases of r and z become their sum. */
export function cellParametersOf(
  { kernel, recurrent_kernel, bias }: CellColumns<Floats>,
  cell: CellKind,
  H: number,
): NamedArrays {
  const from = orderOf(cell);
  const { gates } = CELLS[cell];
  const columns = (values: Floats, to: Blocks): Float32Array =>
    putBlocks(new Float32Array((values.length / from.length) * to.length), to, values, from, H);
  if (CELLS[cell].prefix !== 'gru') {
    return {
      kernel: columns(kernel, gates),
      recurrent_kernel: columns(recurrent_kernel, gates),
      bias: columns(bias, gates),
    };
  }
  const [first, second] = [bias.subarray(0, 3 * H), bias.subarray(3 * H)];
  // The sum is formed before it is rounded; where the second is zero the first stays as it is, a zero with a sign included.
  const sums = Float64Array.from(first, (b, k) => (cell !== 'gru' || second[k] === 0 ? b : b + second[k]));
  const joined = columns(sums, gates);
  joined.set(columns(first, ['n']), 2 * H);
  return {
    kernel: columns(kernel, gates),
    recurrent_kernel: columns(recurrent_kernel, ['r', 'z']),
    candidate_kernel: columns(recurrent_kernel, ['n']),
    bias: joined,
    ...(cell === 'gru' && { candidate_bias: columns(second, ['n']) }),
  };
}

/** Gates as they stand side by side; a cell without gates has one block, which has no name. */
type Blocks = readonly (Gate | '')[];

function orderOf(cell: CellKind): Blocks {
  if (cell === 'lstm-peephole' || cell === 'lstm-norm') throw new DataError(`Keras has no ${CELLS[cell].title}.`);
  return KERAS_GATES[CELLS[cell].prefix as keyof typeof KERAS_GATES];
}

/** Copies the blocks of columns [N, from * H] to where they stand in [N, to * H], and leaves the others alone. */
function putBlocks(target: Float32Array, to: Blocks, source: Floats, from: Blocks, H: number): Float32Array {
  const N = source.length / (from.length * H);
  for (const [k, gate] of from.entries()) {
    const at = to.indexOf(gate);
    if (at < 0) continue;
    for (let n = 0; n < N; n++) {
      target.set(source.subarray((n * from.length + k) * H, (n * from.length + k + 1) * H), (n * to.length + at) * H);
    }
  }
  return target;
} // prettier-ignore
