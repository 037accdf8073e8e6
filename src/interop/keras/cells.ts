import { CELLS, type NamedArrays } from '../../nn/index.ts';
import { parametersOf, transposed, type GateOrder } from '../cell-weights.ts';
import type { StateTensor } from '../state-dict.ts';
import type { KerasCell, Weighted } from './network.ts';
import type { LayerWeights } from './weights.ts';

/** Keras's gates: i f c o of its LSTM, and z r h of its GRU. */
const ORDER: GateOrder = { lstm: ['i', 'f', 'g', 'o'], gru: ['z', 'r', 'n'], peephole: [] };

/** A cell that was read. */
export interface ReadCell {
  inputs: number;
  units: number;
  hasBias: boolean;
  /** Our parameters, by the ends of their names. */
  parameters: NamedArrays;
}

/**
 * Reads a cell of Keras: kernel [inputs, gates * H], recurrent kernel [H, gates * H], and a bias [gates * H], of a GRU that resets behind
 * the product [2, 3 * H]: what is added to the input's product, and what to the state's. Without a bias it is zeros.
 *
 * @throws DataError that names what is missing or has another shape
 */
export function readCell(weights: LayerWeights, cell: KerasCell, { name, at, useBias }: Weighted): ReadCell {
  const count = cell === 'rnn' ? 1 : CELLS[cell].gates.length;
  const recurrent = weights.take(`${at}/1`, ([H, columns], ...rest) => H > 0 && columns === count * H && rest.length === 0, `[H, ${count === 1 ? '' : count}H] of ${CELLS[cell].title}, the recurrent kernel of ${name}`); // prettier-ignore
  const [H, columns] = recurrent.shape;
  const kernel = weights.take(`${at}/0`, (shape) => shape.length === 2 && shape[0] > 0 && shape[1] === columns, `[inputs, ${columns}], the kernel of ${name}`); // prettier-ignore
  const hasBias = useBias ?? weights.has(`${at}/2`);
  const [inputBias, recurrentBias] = hasBias ? readBias(weights, cell, name, `${at}/2`, H) : [];
  const zeros = new Float32Array(columns);
  const rows = {
    input: transposed(kernel.data, columns),
    recurrent: transposed(recurrent.data, columns),
    inputBias: inputBias ?? zeros,
    recurrentBias: recurrentBias ?? zeros,
  };
  const { candidate_bias: candidateBias, ...parameters } = parametersOf(rows, cell === 'gru-before' ? 'gru' : cell, H, ORDER); // prettier-ignore
  return {
    inputs: kernel.shape[0],
    units: H,
    hasBias,
    parameters: { ...parameters, ...(cell === 'gru' && { candidate_bias: candidateBias }) },
  };
}

function readBias(weights: LayerWeights, cell: KerasCell, name: string, at: string, H: number): StateTensor['data'][] {
  const columns = (cell === 'rnn' ? 1 : CELLS[cell].gates.length) * H;
  if (cell !== 'gru') return [weights.take(at, isShape(columns), `[${columns}], the bias of ${name}`).data];
  const { data } = weights.take(at, isShape(2, columns), `[2, ${columns}], the biases of ${name} (reset_after=True)`);
  return [data.subarray(0, columns), data.subarray(columns)];
}

/** Whether a shape is this one. */
export function isShape(...expected: number[]): (shape: readonly number[]) => boolean {
  return (shape) => shape.join() === expected.join();
}
