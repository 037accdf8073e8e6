import { DataError, messageOf } from '../../errors.ts';
import { printable } from '../../text/table.ts';
import { formatCount } from '../../text/words.ts';
import { clipped, isObject, listIn, objectIn, own, shownValue, textIn, type JsonObject } from '../keras-layers/json.ts';

/** A model as its configuration has it. */
export interface KerasModel {
  /** In the words of Keras 2, which `findLayers` reads. */
  config: JsonObject;
  /** Where the weights of each layer lie in the file, numbered among its class, by its name: `lstm_1`. */
  groups: ReadonlyMap<string, string>;
  /** How it is trained; nothing where it was saved without. */
  compile: JsonObject;
}

/** The configuration of a large network has some hundred kilobytes. */
const MOST_BYTES = 8 * 2 ** 20;

/** Deeper than layers in layers nest. */
const MOST_DEPTH = 100;

/** Modules of Keras itself. */
const OWN_MODULE = /^(keras|tf_keras|tensorflow)(\.|$)/;

/**
 * Reads `config.json` of a `.keras`, or what `model.to_json()` gives. Nothing of it is executed.
 * @throws DataError where it is none, or the model is neither Sequential nor Functional, or a layer is of one's own
 */
export function readConfig(bytes: Uint8Array): KerasModel {
  const model = parsed(bytes);
  if (!isObject(model)) throw new DataError('config.json describes no model: expected what Keras writes, {"class_name": "Sequential", …}.'); // prettier-ignore
  const className = own(model, 'class_name');
  const config = own(model, 'config');
  assertKnown(model, 'the model');
  if (!isObject(config) || !Array.isArray(own(config, 'layers'))) {
    throw new DataError(`the model is a ${nameOf(className)}, whose layers its configuration does not say; expected Sequential or Functional. Build it as one of them, load its weights there and save that.`); // prettier-ignore
  }
  const isFunctional = className !== 'Sequential';
  const layers = (config.layers as unknown[]).map((layer, k) => layerOf(layer, k, isFunctional));
  const outputs = own(config, 'output_layers');
  const compile = own(model, 'compile_config');
  return {
    config: {
      class_name: className,
      config: { layers, ...(isFunctional && { output_layers: isObject(outputs) ? Object.values(outputs) : outputs }) },
    },
    groups: groupsOf(layers),
    compile: isObject(compile) ? compile : {},
  };
}

function parsed(bytes: Uint8Array): unknown {
  if (bytes.length > MOST_BYTES) throw new DataError(`config.json has ${formatCount(bytes.length)} bytes; at most ${formatCount(MOST_BYTES)} are read.`); // prettier-ignore
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataError(`config.json cannot be read as JSON: ${printable(messageOf(cause)).slice(0, 200)}`, { cause });
  }
  assertShallow(value);
  return value;
}

/** @throws DataError where lists and objects nest deeper than any code of ours should follow */
function assertShallow(value: unknown): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) throw new DataError(`config.json nests deeper than ${MOST_DEPTH} times, as that of no model does.`); // prettier-ignore
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
}

interface DescribedLayer extends JsonObject {
  class_name: string;
  name: string;
}

/** The names that classes give to groups of weights: `_save_container_state` in Keras's saving_lib.py. */
function groupsOf(layers: readonly DescribedLayer[]): Map<string, string> {
  const used = new Map<string, number>();
  return new Map(
    layers.map(({ class_name: className, name }) => {
      const stem = snakeCase(className);
      const number = used.get(stem) ?? 0;
      used.set(stem, number + 1);
      return [name, number === 0 ? stem : `${stem}_${number}`];
    }),
  );
}

/** `TimeDistributed` as `time_distributed`, as Keras's `to_snake_case` has it. */
function snakeCase(name: string): string {
  const words = name.replace(/\W+/g, '').replace(/(.)([A-Z][a-z]+)/g, '$1_$2');
  return words.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

function layerOf(given: unknown, index: number, isFunctional: boolean): DescribedLayer {
  const layer = objectIn(given, `layer ${index}`);
  const className = textIn(own(layer, 'class_name'), `layer ${index}: class_name`);
  const config = objectIn(own(layer, 'config'), `layer ${index} (${clipped(className)}): config`);
  const name = textIn(own(config, 'name') ?? own(layer, 'name'), `layer ${index} (${clipped(className)}): name`);
  const title = `layer "${clipped(name)}"`;
  assertNoCode(layer, title);
  if (!isFunctional) return { class_name: className, name, config: { ...shapeOf(layer, config), ...config, name } };
  const calls = listIn(own(layer, 'inbound_nodes'), `${title}: what it reads (inbound_nodes)`);
  return { class_name: className, name, config, inbound_nodes: calls.map((call) => callOf(call, title)) };
}

/** What goes into a layer of a Sequential model, as it says where it was built. */
function shapeOf(layer: JsonObject, config: JsonObject): JsonObject {
  const build = own(layer, 'build_config');
  const shape = isObject(build) ? own(build, 'input_shape') : undefined;
  const isSaid = own(config, 'batch_shape') !== undefined || own(config, 'batch_input_shape') !== undefined;
  return Array.isArray(shape) && !isSaid ? { batch_input_shape: shape } : {};
}

/** @throws DataError where a layer, one that it wraps or its activation is code or a class of one's own */
function assertNoCode(given: JsonObject, who: string): void {
  assertKnown(given, who);
  const config = own(given, 'config');
  if (!isObject(config)) return;
  for (const key of ['layer', 'backward_layer', 'activation', 'recurrent_activation']) {
    const inner = own(config, key);
    if (isObject(inner)) assertNoCode(inner, `the ${key} of ${who}`);
  }
}

/** @throws DataError where a class is not one of Keras's own, or is code */
function assertKnown(given: JsonObject, who: string): void {
  const [module, className, registered] = ['module', 'class_name', 'registered_name'].map((key) => own(given, key));
  if (className === 'Lambda' || className === '__lambda__') {
    throw new DataError(`${who} is a Lambda: code, which Etude does not execute. Say it with layers of Keras, or leave it out before the model is saved.`); // prettier-ignore
  }
  const isElsewhere = typeof module === 'string' && !OWN_MODULE.test(module) && module !== 'builtins';
  if (!isElsewhere && !(typeof registered === 'string' && registered.includes('>'))) return;
  throw new DataError(`${who} is ${nameOf(registered ?? className)}, a class of somebody's own, whose code Etude does not have and does not execute; expected Sequential or Functional of Keras's layers.`); // prettier-ignore
}

/** A call of a layer, {args, kwargs} in Keras 3, in the words of Keras 2: [["lstm", 0, 0, {}], …]. */
function callOf(call: unknown, who: string): unknown {
  if (!isObject(call)) return call;
  const given = own(call, 'kwargs');
  const { inputs, sequences, ...more } = isObject(given) ? given : ({} as JsonObject);
  const tensors = tensorsIn([own(call, 'args'), inputs, sequences], who);
  return tensors.map((tensor, k) => (k === 0 ? [...tensor, more] : tensor));
}

/** What tensors are: [layer, call, output]. */
function tensorsIn(value: unknown, who: string): unknown[][] {
  if (value === undefined || value === null || value === false) return [];
  if (Array.isArray(value)) return value.flatMap((each) => tensorsIn(each, who));
  const config = isObject(value) && own(value, 'class_name') === '__keras_tensor__' && own(value, 'config');
  if (isObject(config)) return [listIn(own(config, 'keras_history'), `${who}: keras_history of what it reads`).slice(0, 3)]; // prettier-ignore
  throw new DataError(`${who}: it is called with ${shownValue(value)}, which no layer of Etude takes.`);
}

/** A class in a sentence. */
function nameOf(value: unknown): string {
  return typeof value === 'string' ? clipped(value) : shownValue(value);
}
