import { DataError } from '../../errors.ts';
import { titleOf, type LayerNode } from './graph.ts';
import { isObject, objectIn, own, shownValue, textIn, wholeIn } from './json.ts';

/** A Dense layer, or a Dense that is applied to every step, which is the same. */
export interface DenseLayer {
  node: LayerNode;
  units: number;
  activation: string;
  hasBias: boolean;
}

/** Layers that do something in training and nothing else, or never anything. */
const IDLE = ['Dropout', 'SpatialDropout1D', 'GaussianDropout', 'GaussianNoise', 'AlphaDropout', 'ActivityRegularization', 'Identity']; // prettier-ignore

/** What masks steps is refused with this, in which nothing but the setting is another. */
const NO_MASKS =
  'Etude has no masks. There each sequence has its own length, and needs no padding: save the model without';

/** The limits of a model of Etude. */
export const MOST_UNITS = 1 << 16;
const MOST_OUTPUTS = 1 << 20;

/** Whether a layer passes on what it reads when nothing is trained. */
export function isIdle(node: LayerNode): boolean {
  return IDLE.includes(node.className) || (node.className === 'Activation' && activationLayer(node) === 'linear');
}

/** The name of an activation with `_` in it, whoever wrote it. */
export function activationIn(value: unknown, missing: string): unknown {
  if (value === undefined) return missing;
  const title = isObject(value) ? (own(value, 'class_name') ?? value) : value;
  // Functions of Keras are written as {"class_name": "function", "config": "softmax"}.
  const name = title === 'function' && isObject(value) ? own(value, 'config') : title;
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
  if (node.className === 'Activation') return textIn(activationIn(own(node.config, 'activation') ?? undefined, 'linear'), `${titleOf(node)}: activation`); // prettier-ignore
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
    throw new DataError(`${title}: mask_zero is true, which leaves out steps of class 0; ${NO_MASKS} mask_zero, and leave padding away.`); // prettier-ignore
  }
  return {
    size: wholeIn(own(node.config, 'input_dim'), `${title}: input_dim`, MOST_OUTPUTS),
    width: wholeIn(own(node.config, 'output_dim'), `${title}: output_dim`, MOST_UNITS),
  };
}

/** What is said of a Masking layer, which no model of Etude has. */
export function maskingError(node: LayerNode): DataError {
  return new DataError(`${titleOf(node)}: it leaves out steps, and ${NO_MASKS} it, and leave padding away.`);
}

/** The layer that another wraps. @throws DataError where there is none */
export function innerOf(node: LayerNode, key: 'layer' | 'backward_layer' = 'layer'): LayerNode {
  const where = `${titleOf(node)}: ${key}`;
  const layer = objectIn(own(node.config, key), where);
  const className = textIn(own(layer, 'class_name'), `${where}: class_name`);
  return { ...node, className, config: objectIn(own(layer, 'config'), `${where}: config`) };
}
