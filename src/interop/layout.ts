import { UsageError } from '../errors.ts';
import { CELLS, cellParameters, type CellKind, type Gate, type NamedArrays } from '../nn/index.ts';
import type { Floats } from '../tensor/index.ts';

/**
 * A cell of H units and K gates as most libraries hold it: rows are outputs, the gates stand below one another, and input and state have
 * a bias each.
 */
export interface StackedCell<A extends Floats = Floats> {
  /** [K * H, inputs]. */
  input: A;
  /** [K * H, H]. */
  recurrent: A;
  /** [K * H] each; a library without biases has zeros. */
  inputBias: A;
  recurrentBias: A;
}

/** A cell by its kind and sizes, with the order in which a library stacks its gates; an RNN has one block without a name. */
export interface StackedLayout {
  cell: CellKind;
  inputs: number;
  /** H. */
  units: number;
  order: readonly (Gate | '')[];
}

/** The cells that others have, too. */
const SHARED: readonly CellKind[] = ['lstm', 'gru', 'rnn'];

/**
 * @param who cannot hold it, as the sentence ends: `PyTorch's nn.LSTM`
 * @throws UsageError that names the cell, where it is one that other libraries do not have
 */
export function assertShared(cell: CellKind, who: string): void {
  if (SHARED.includes(cell)) return;
  throw new UsageError(
    `This model's layers are ${CELLS[cell].title}, which ${who} cannot hold; it holds those of ${SHARED.map((kind) => CELLS[kind].title).join(', ')}.`,
  );
}

/** A matrix [rows, columns] as [columns, rows]. */
export function transposed(matrix: Floats, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column];
  }
  return result;
}

/**
 * Our parameters of a cell as others stack them. Where there is one bias here it is the input's, and the state's is zero but for
 * `candidate_bias` of a GRU.
 *
 * @param of a parameter by the end of its name: `recurrent_kernel`
 */
export function stack(layout: StackedLayout, of: (name: string) => Floats): StackedCell<Float32Array<ArrayBuffer>> {
  const { cell, inputs, units: H } = layout;
  const columns = columnsOf(layout);
  const width = columns.length;
  const [kernel, bias] = [of('kernel'), of('bias')];
  const recurrentAt = recurrentOf(cell, H, of);
  const result = {
    input: new Float32Array(width * inputs),
    recurrent: new Float32Array(width * H),
    inputBias: new Float32Array(width),
    recurrentBias: new Float32Array(width),
  };
  columns.forEach((column, row) => {
    for (let i = 0; i < inputs; i++) result.input[row * inputs + i] = kernel[i * width + column];
    for (let i = 0; i < H; i++) {
      const [part, at] = recurrentAt(i, column);
      result.recurrent[row * H + i] = part[at];
    }
    result.inputBias[row] = bias[column];
    if (cell === 'gru' && column >= 2 * H) result.recurrentBias[row] = of('candidate_bias')[column - 2 * H];
  });
  return result;
}

/**
 * The way back: our parameters, by the ends of their names. Two biases that are only ever added become their sum; that of a GRU's
 * candidate, which the reset gate multiplies, stays apart.
 */
export function unstack(layout: StackedLayout, stacked: StackedCell): NamedArrays {
  const { cell, inputs, units: H } = layout;
  const columns = columnsOf(layout);
  const width = columns.length;
  const result: NamedArrays = {};
  for (const { name, shape } of cellParameters(cell, 0, inputs, H)) {
    result[name.slice(name.lastIndexOf('.') + 1)] = new Float32Array(shape.reduce((a, b) => a * b, 1));
  }
  const recurrentAt = recurrentOf(cell, H, (name) => result[name]);
  columns.forEach((column, row) => {
    for (let i = 0; i < inputs; i++) result.kernel[i * width + column] = stacked.input[row * inputs + i];
    for (let i = 0; i < H; i++) {
      const [part, at] = recurrentAt(i, column);
      part[at] = stacked.recurrent[row * H + i];
    }
    const [bias, second] = [stacked.inputBias[row], stacked.recurrentBias[row]];
    const apart = cell === 'gru' && column >= 2 * H;
    if (apart) result.candidate_bias[column - 2 * H] = second;
    result.bias[column] = apart ? bias : joined(bias, second);
  });
  return result;
}

/** The sum of two biases; where one is zero the other bit for bit, a zero with a sign included. */
function joined(bias: number, second: number): number {
  return second === 0 ? bias : bias + second;
}

/** For each row of a stack the column of our kernel. */
function columnsOf({ cell, units: H, order }: StackedLayout): number[] {
  const ours = CELLS[cell].gates;
  return order.flatMap((gate) => Array.from({ length: H }, (_, j) => ours.indexOf(gate) * H + j));
}

/** Where the weight from unit `i` to a column stands: a GRU keeps those of its candidate apart. */
function recurrentOf<A extends Floats>(cell: CellKind, H: number, of: (name: string) => A): (i: number, column: number) => [part: A, at: number] {
  const kernel = of('recurrent_kernel');
  if (cell !== 'gru') return (i, column) => [kernel, (i * kernel.length) / H + column];
  const candidate = of('candidate_kernel');
  return (i, column) => (column < 2 * H ? [kernel, i * 2 * H + column] : [candidate, i * H + column - 2 * H]);
} // prettier-ignore
