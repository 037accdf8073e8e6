import { DataError } from '../../errors.ts';
import type { CellKind } from '../../nn/index.ts';
import { titleOf, type LayerNode } from './graph.ts';
import { isObject, objectIn, own, shownValue, textIn, wholeIn } from './json.ts';

/** What a setting means that is not written down, and how a program writes the one that Etude needs. */
export interface Dialect {
  recurrentActivation: 'sigmoid' | 'hard_sigmoid';
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

/** A Dense layer, or a Dense that is applied to every step, which is the same. */
export interface DenseLayer {
  node: LayerNode;
  units: number;
  activation: string;
  hasBias: boolean;
}

const CELLS = new Map<string, CellKind>([
  ['LSTM', 'lstm'],
  ['GRU', 'gru'],
  ['SimpleRNN', 'rnn'],
]);

/** Layers that do something in training and nothing else. */
const TRAINING_ONLY = ['Dropout', 'SpatialDropout1D', 'GaussianDropout', 'GaussianNoise', 'AlphaDropout', 'ActivityRegularization']; // prettier-ignore

/** The limits of a model of Etude. */
const MOST_UNITS = 1 << 16;
const MOST_OUTPUTS = 1 << 20;

/** Whether a layer passes on what it reads when nothing is trained. */
export function actsInTrainingOnly({ className }: LayerNode): boolean {
  return TRAINING_ONLY.includes(className);
}

/**
 * The settings of a recurrent layer; undefined for any other.
 * @throws DataError that names the layer and a setting which no layer of Etude has
 */
export function recurrentLayer(node: LayerNode, dialect: Dialect): RecurrentLayer | undefined {
  const bidirectional = node.className === 'Bidirectional';
  const inner = bidirectional ? innerOf(node) : node;
  const kind = CELLS.get(inner.className);
  const title = titleOf(node);
  if (kind === undefined) {
    if (!bidirectional) return undefined;
    throw new DataError(`${title}: it wraps ${shownValue(inner.className)}; expected LSTM, GRU or SimpleRNN.`);
  }
  if (bidirectional) assertConcatenated(node);
  const { config } = inner;
  for (const [name, why] of REFUSED) {
    if (own(config, name)) throw new DataError(`${title}: ${name} is ${shownValue(own(config, name))}; ${why}.`);
  }
  assertActivations(inner, title, kind, dialect);
  const resetAfter = own(config, 'reset_after') ?? dialect.resetAfter;
  return {
    node,
    cell: kind === 'gru' && resetAfter !== true ? 'gru-before' : kind,
    units: wholeIn(own(config, 'units'), `${title}: units`, MOST_UNITS),
    hasBias: own(config, 'use_bias') !== false,
    bidirectional,
    givesSteps: own(config, 'return_sequences') === true,
    stateful: own(config, 'stateful') === true,
  };
}

/** Settings that change the numbers. Others do not: `unroll` and `implementation` are ways to compute the same. */
const REFUSED = [
  ['go_backwards', 'a layer of Etude that reads from the end reads from the beginning, too: use Bidirectional'],
  ['time_major', 'expected sequences in which the first axis is the batch'],
  ['return_state', 'the states of layers are not read by others in Etude'],
] as const;

/** A direction of a Bidirectional may be described apart from the other; it then has to be the same. */
function assertConcatenated(node: LayerNode): void {
  const mode = own(node.config, 'merge_mode');
  if (mode !== undefined && mode !== 'concat') {
    throw new DataError(`${titleOf(node)}: merge_mode is ${shownValue(mode)}; expected "concat", both directions side by side.`); // prettier-ignore
  }
  const backward = own(node.config, 'backward_layer');
  if (backward !== undefined && backward !== null) {
    throw new DataError(`${titleOf(node)}: it has a backward_layer of its own; expected one layer for both directions.`); // prettier-ignore
  }
}

function assertActivations({ config }: LayerNode, title: string, cell: CellKind, dialect: Dialect): void {
  const activation = activationIn(own(config, 'activation'), 'tanh');
  if (activation !== 'tanh') throw new DataError(`${title}: activation is ${shownValue(activation)}; expected "tanh", which is all that Etude's layers have.`); // prettier-ignore
  if (cell === 'rnn') return;
  const gates = activationIn(own(config, 'recurrent_activation'), dialect.recurrentActivation);
  if (gates === 'sigmoid') return;
  const why = gates === 'hard_sigmoid' ? 'which is the default of TensorFlow.js and no sigmoid' : 'which Etude has not';
  throw new DataError(`${title}: its gates have the activation ${shownValue(gates)}, ${why}. Make the layer with ${dialect.remedy}, and train it again.`); // prettier-ignore
}

/** The name of an activation with `_` in it, whoever wrote it. */
function activationIn(value: unknown, missing: string): unknown {
  if (value === undefined) return missing;
  const name = isObject(value) ? (own(value, 'class_name') ?? value) : value;
  return typeof name === 'string' ? name.replace(/(?<=[a-z])[A-Z]/g, (c) => `_${c}`).toLowerCase() : name;
}

/**
 * The settings of a Dense, or a TimeDistributed Dense; undefined for any other layer.
 * @throws DataError that names the layer and a setting which makes no sense
 */
export function denseLayer(node: LayerNode): DenseLayer | undefined {
  const spread = node.className === 'TimeDistributed';
  const { className, config } = spread ? innerOf(node) : node;
  if (className !== 'Dense') {
    if (!spread) return undefined;
    throw new DataError(`${titleOf(node)}: it wraps ${shownValue(className)}; expected Dense.`);
  }
  const activation = activationIn(own(config, 'activation') ?? undefined, 'linear');
  return {
    node,
    units: wholeIn(own(config, 'units'), `${titleOf(node)}: units`, MOST_OUTPUTS),
    activation: textIn(activation, `${titleOf(node)}: activation`),
    hasBias: own(config, 'use_bias') !== false,
  };
}

/** The activation that a layer is; undefined for any other layer. */
export function activationLayer(node: LayerNode): string | undefined {
  if (node.className === 'Activation') return textIn(activationIn(own(node.config, 'activation'), 'linear'), `${titleOf(node)}: activation`); // prettier-ignore
  if (node.className !== 'Softmax') return undefined;
  const axis = own(node.config, 'axis') ?? -1;
  if (axis === -1) return 'softmax';
  throw new DataError(`${titleOf(node)}: axis is ${shownValue(axis)}; expected -1, the classes.`);
}

/**
 * The sizes of an Embedding.
 * @throws DataError that names the layer and a setting which no embedding of Etude has
 */
export function embeddingSizes(node: LayerNode): { size: number; width: number } {
  const title = titleOf(node);
  if (own(node.config, 'mask_zero')) {
    throw new DataError(`${title}: mask_zero is true, which leaves out steps of class 0; Etude has no masks. Train it on sequences of one length, or without mask_zero.`); // prettier-ignore
  }
  return {
    size: wholeIn(own(node.config, 'input_dim'), `${title}: input_dim`, MOST_OUTPUTS),
    width: wholeIn(own(node.config, 'output_dim'), `${title}: output_dim`, MOST_UNITS),
  };
}

function innerOf(node: LayerNode): LayerNode {
  const layer = objectIn(own(node.config, 'layer'), `${titleOf(node)}: layer`);
  const className = textIn(own(layer, 'class_name'), `${titleOf(node)}: class_name of its layer`);
  return { ...node, className, config: objectIn(own(layer, 'config'), `${titleOf(node)}: config of its layer`) };
}
