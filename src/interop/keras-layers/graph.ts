import { DataError } from '../../errors.ts';
import { printable } from '../../text/table.ts';
import { clipped, isObject, listIn, objectIn, own, shownValue, textIn, type JsonObject } from './json.ts';

/** A layer of a model as Keras and TensorFlow.js describe it, and the layers that it reads. */
export interface LayerNode {
  name: string;
  /** `LSTM`. */
  className: string;
  config: JsonObject;
  reads: readonly string[];
}

/** The layers of a model by their names. */
export interface LayerGraph {
  layers: ReadonlyMap<string, LayerNode>;
  /** The names of those that say what it predicts, in order. */
  outputs: readonly string[];
}

/** More than any network that Etude holds has, and few enough to go through. */
const MOST_LAYERS = 1000;

/** Longer names of layers are cut. */
const MOST_NAME = 120;

/**
 * The layers in a `model_config`, Sequential or Functional, with what each reads.
 * @throws DataError where it is none, or layers are shared, nested models, read themselves, or are called with more than what others give
 */
export function layerGraph(modelConfig: unknown): LayerGraph {
  const { class_name: className, config } = objectIn(modelConfig, 'the model');
  const layers = listIn(Array.isArray(config) ? config : own(objectIn(config, "the model's config"), 'layers'), 'the layers of the model'); // prettier-ignore
  if (layers.length === 0) throw new DataError('the model has no layers.');
  if (layers.length > MOST_LAYERS) throw new DataError(`the model has ${layers.length} layers; at most ${MOST_LAYERS} are read.`); // prettier-ignore
  if (className === 'Sequential') return chain(layers);
  if (className === 'Model' || className === 'Functional') {
    const graph = functional(layers, config as JsonObject);
    assertEnds(graph);
    return graph;
  }
  throw new DataError(`the model is of class ${shownValue(className)}; expected Sequential, Functional or Model.`);
}

/** How errors call a layer. */
export function titleOf({ name, className }: Pick<LayerNode, 'name' | 'className'>): string {
  return `layer "${clipped(name)}" (${clipped(className)})`;
}

/** What a part of a model of Etude is called after a layer: as the layer, but short, and without what could command a terminal. */
export function partName({ name }: LayerNode): string {
  return printable(name.length > MOST_NAME ? `${name.slice(0, MOST_NAME - 1)}…` : name);
}

function chain(layers: readonly unknown[]): LayerGraph {
  const found = new Map<string, LayerNode>();
  let before: string | undefined;
  for (const [k, layer] of layers.entries()) {
    const { class_name: className, config } = nodeIn(layer, k);
    const name = textIn(own(config, 'name'), `layer ${k}: name`);
    assertOneTensor({ name, className, config });
    if (before === undefined && className !== 'InputLayer') {
      before = `${name} input`;
      found.set(before, { name: before, className: 'InputLayer', config, reads: [] });
    }
    add(found, { name, className, config, reads: before === undefined ? [] : [before] });
    before = name;
  }
  return { layers: found, outputs: [before!] };
}

/** @throws DataError where a layer gives its states, too, which one behind it would read */
function assertOneTensor({ name, className, config }: Omit<LayerNode, 'reads'>): void {
  const layer = own(config, 'layer');
  const settings = isObject(layer) ? own(layer, 'config') : config;
  if (!isObject(settings) || !own(settings, 'return_state')) return;
  throw new DataError(`${titleOf({ name, className })}: return_state is true; the states of layers are not read by others in Etude, and a Stepper has them.`); // prettier-ignore
}

/** @throws DataError where layers that outputs read do so in a circle */
function assertEnds({ layers, outputs }: LayerGraph): void {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    const node = layers.get(name);
    if (!node || done.has(name)) return;
    const start = way.indexOf(name);
    if (start >= 0) {
      const others = way.slice(start + 1, start + 9).map((each) => `"${clipped(each)}"`);
      throw new DataError(`layer "${clipped(name)}" reads itself${others.length > 0 ? `, by way of ${others.join(', ')}` : ''}.`); // prettier-ignore
    }
    const further = [...way, name];
    for (const read of node.reads) visit(read, further);
    done.add(name);
  };
  for (const name of outputs) visit(name, []);
}

function functional(layers: readonly unknown[], config: JsonObject): LayerGraph {
  const found = new Map<string, LayerNode>();
  for (const [k, layer] of layers.entries()) {
    const raw = nodeIn(layer, k);
    const name = textIn(raw.name ?? own(raw.config, 'name'), `layer ${k}: name`);
    const node = { name, className: raw.class_name, config: raw.config };
    add(found, { ...node, reads: readsOf(titleOf(node), raw.inbound_nodes) });
  }
  const outputs = own(config, 'output_layers');
  // Of one output Keras writes no list around it.
  const list = Array.isArray(outputs) && typeof outputs[0] === 'string' ? [outputs] : listIn(outputs, 'output_layers');
  return { layers: found, outputs: list.map((reference) => tensorOf(reference, 'output_layers')) };
}

interface RawNode {
  class_name: string;
  config: JsonObject;
  inbound_nodes: unknown;
  name: unknown;
}

function nodeIn(layer: unknown, k: number): RawNode {
  const node = objectIn(layer, `layer ${k}`);
  const className = textIn(own(node, 'class_name'), `layer ${k}: class_name`);
  const config = own(node, 'config');
  if (['Sequential', 'Functional', 'Model'].includes(className)) {
    throw new DataError(`layer ${k} is a whole model (${className}); expected layers. Build the network of its layers, without a model in it.`); // prettier-ignore
  }
  return { class_name: className, config: objectIn(config, `layer ${k} (${clipped(className)}): config`), inbound_nodes: own(node, 'inbound_nodes'), name: own(node, 'name') }; // prettier-ignore
}

function add(found: Map<string, LayerNode>, node: LayerNode): void {
  if (found.has(node.name)) throw new DataError(`two layers are called "${clipped(node.name)}".`);
  found.set(node.name, node);
}

/** The layers in `[[["lstm", 0, 0, {}], …]]`: one call, of the first tensors of layers that are called once. */
function readsOf(title: string, inbound: unknown): string[] {
  const calls = listIn(inbound ?? [], `${title}: inbound_nodes`);
  if (calls.length === 0) return [];
  if (calls.length > 1) throw new DataError(`${title}: it is used ${calls.length} times, and a layer of Etude is used once.`); // prettier-ignore
  return listIn(calls[0], `${title}: inbound_nodes`).map((reference) => tensorOf(reference, title));
}

function tensorOf(reference: unknown, where: string): string {
  const [name, node, tensor, called] = listIn(reference, `${where}: what it reads`);
  if (node !== 0 || tensor !== 0) {
    throw new DataError(`${where}: it reads number ${shownValue(tensor)} of what call ${shownValue(node)} of ${shownValue(name)} gives; expected the first, of the one call. States (return_state) are not read by others in Etude; a Stepper has them.`); // prettier-ignore
  }
  const given = isObject(called) ? Object.entries(called).find(([, value]) => value !== null && value !== false) : undefined; // prettier-ignore
  if (given) throw new DataError(`${where}: it is called with ${clipped(given[0])}, which no layer of Etude takes.`);
  return textIn(name, `${where}: what it reads`);
}
