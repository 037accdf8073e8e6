import { DataError } from '../../errors.ts';
import type { CellKind } from '../../nn/index.ts';
import { titleOf, type LayerNode } from './graph.ts';
import { own, shownValue, wholeIn, type JsonObject } from './json.ts';
import { activationIn, innerOf, MOST_UNITS } from './settings.ts';

/** What a setting means that is not written down, and how a program writes the one that Etude needs. */
export interface Dialect {
  recurrentActivation: 'sigmoid' | 'hard_sigmoid';
  /** Whose default the hard sigmoid is: `TensorFlow.js`. */
  hardSigmoid: string;
  /** Whether a GRU has its reset gate behind the product. */
  resetAfter: boolean;
  /** `recurrentActivation: 'sigmoid'`. */
  remedy: string;
}

/** A recurrent layer, one direction of it or both. */
export interface RecurrentLayer {
  node: LayerNode;
  cell: CellKind;
  units: number;
  hasBias: boolean;
  bidirectional: boolean;
  /** Whether it gives what it says of every step, or of the last alone. */
  givesSteps: boolean;
  stateful: boolean;
}

const CELLS = new Map<string, CellKind>([
  ['LSTM', 'lstm'],
  ['GRU', 'gru'],
  ['SimpleRNN', 'rnn'],
]);

/** Settings that change the numbers. Others do not: `unroll` and `implementation` are ways to compute the same. */
const REFUSED = [
  ['go_backwards', 'a layer of Etude that reads from the end reads from the beginning, too: use Bidirectional, or turn the sequences round before they go in, and save the model without it'],
  ['time_major', 'expected sequences in which the first axis is the batch: build it without, with the same weights'],
] as const; // prettier-ignore

/**
 * The settings of a recurrent layer; undefined for any other.
 * @throws DataError that names the layer and a setting which no layer of Etude has
 */
export function recurrentLayer(node: LayerNode, dialect: Dialect): RecurrentLayer | undefined {
  const bidirectional = node.className === 'Bidirectional';
  if (!bidirectional && !CELLS.has(node.className)) return undefined;
  const inner = bidirectional ? innerOf(node) : node;
  for (const [name, why] of REFUSED) {
    if (own(inner.config, name)) throw new DataError(`${titleOf(node)}: ${name} is ${shownValue(own(inner.config, name))}; ${why}.`); // prettier-ignore
  }
  const cell = cellIn(node, inner, dialect);
  if (bidirectional) assertAlike(node, cell, dialect);
  return { node, bidirectional, ...cell };
}

/** What a cell is, whatever wraps it. */
type CellSettings = Omit<RecurrentLayer, 'node' | 'bidirectional'>;

function cellIn(node: LayerNode, { className, config }: LayerNode, dialect: Dialect): CellSettings {
  const title = titleOf(node);
  const kind = CELLS.get(className);
  if (kind === undefined) throw new DataError(`${title}: it wraps ${shownValue(className)}; expected LSTM, GRU or SimpleRNN.`); // prettier-ignore
  assertActivations(config, title, kind, dialect);
  const resetAfter = own(config, 'reset_after') ?? dialect.resetAfter;
  return {
    cell: kind === 'gru' && resetAfter !== true ? 'gru-before' : kind,
    units: wholeIn(own(config, 'units'), `${title}: units`, MOST_UNITS),
    hasBias: own(config, 'use_bias') !== false,
    givesSteps: own(config, 'return_sequences') === true,
    stateful: own(config, 'stateful') === true,
  };
}

/** @throws DataError where both directions are not put side by side, or the one that is described apart is another */
function assertAlike(node: LayerNode, forward: CellSettings, dialect: Dialect): void {
  const title = titleOf(node);
  const mode = own(node.config, 'merge_mode');
  if (mode !== undefined && mode !== 'concat') {
    throw new DataError(`${title}: merge_mode is ${shownValue(mode)}; expected "concat", both directions side by side.`); // prettier-ignore
  }
  const given = own(node.config, 'backward_layer');
  if (given === undefined || given === null) return;
  const wrapped = innerOf(node, 'backward_layer');
  if (own(wrapped.config, 'go_backwards') !== true) throw new DataError(`${title}: it has a backward_layer of its own, of which go_backwards is ${shownValue(own(wrapped.config, 'go_backwards'))}; expected true.`); // prettier-ignore
  const backward = cellIn(node, wrapped, dialect);
  for (const [key, name] of Object.entries({ cell: 'cell', units: 'units', hasBias: 'use_bias', givesSteps: 'return_sequences' })) {
    const [there, back] = [forward, backward].map((each) => each[key as keyof CellSettings]);
    if (there !== back) throw new DataError(`${title}: it has a backward_layer of its own, of which ${name} is ${shownValue(back)}, and forward it is ${shownValue(there)}; expected both directions alike.`);
  }
} // prettier-ignore

function assertActivations(config: JsonObject, title: string, cell: CellKind, dialect: Dialect): void {
  const activation = activationIn(own(config, 'activation'), 'tanh');
  if (activation !== 'tanh') throw new DataError(`${title}: activation is ${shownValue(activation)}; expected "tanh", which is all that Etude's layers have.`); // prettier-ignore
  if (cell === 'rnn') return;
  const gates = activationIn(own(config, 'recurrent_activation'), dialect.recurrentActivation);
  if (gates === 'sigmoid') return;
  const why = gates === 'hard_sigmoid' ? `which is the default of ${dialect.hardSigmoid} and no sigmoid` : 'which Etude has not'; // prettier-ignore
  throw new DataError(`${title}: its gates have the activation ${shownValue(gates)}, ${why}. Make the layer with ${dialect.remedy}, and train it again.`); // prettier-ignore
}
