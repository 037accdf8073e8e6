import { DataError, messageOf } from '../../errors.ts';
import { printable } from '../../text/table.ts';
import { formatCount } from '../../text/words.ts';
import { asRecord, clipped, type Config } from './values.ts';

/** A layer as a configuration of Keras has it. */
export interface KerasLayer {
  /** Its own name: `pitch`. */
  name: string;
  /** `LSTM`. */
  className: string;
  /** Where its weights lie in the file, numbered among its class: `lstm_1`. */
  group: string;
  config: Config;
  /** The layers that it reads, by name; of a layer that is asked more than once, those of all times. */
  reads: string[];
  /** How many times it is asked: more than once where it is shared. */
  uses: number;
}

/** A model as its configuration has it. */
export interface KerasModel {
  layers: KerasLayer[];
  /** The layers whose outputs are the model's, by name. */
  outputs: string[];
  /** How it is trained; nothing where it was saved without. */
  compile: Config;
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
  const model = asRecord(parsed(bytes));
  if (!model) throw new DataError('config.json describes no model: expected what Keras writes, {"class_name": "Sequential", …}.'); // prettier-ignore
  const { class_name: className } = model;
  const config = asRecord(model.config);
  assertKnown(model, 'the model');
  if (!config || !Array.isArray(config.layers)) {
    throw new DataError(`the model is a ${shownValue(className)}, whose layers its configuration does not say; expected Sequential or Functional. Build it as one of them, load its weights there and save that.`); // prettier-ignore
  }
  const compile = asRecord(model.compile_config) ?? {};
  if (className === 'Sequential') return { ...sequential(config.layers), compile };
  if (className === 'Functional' || className === 'Model') return { ...functional(config), compile };
  throw new DataError(`the model is a ${shownValue(className)}; expected Sequential or Functional.`);
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

function sequential(given: readonly unknown[]): Pick<KerasModel, 'layers' | 'outputs'> {
  const layers = numbered(given.map(layerOf));
  layers.forEach((layer, k) => {
    layer.reads = k === 0 ? [] : [layers[k - 1].name];
  });
  return { layers, outputs: layers.slice(-1).map(({ name }) => name) };
}

function functional({ layers: given, output_layers: outputs }: Config): Pick<KerasModel, 'layers' | 'outputs'> {
  const layers = numbered((given as unknown[]).map(layerOf));
  for (const [k, layer] of layers.entries()) {
    const nodes = asRecord((given as unknown[])[k])?.inbound_nodes;
    if (!Array.isArray(nodes)) throw new DataError(`${layer.name}: its configuration does not say what it reads (inbound_nodes).`); // prettier-ignore
    layer.uses = nodes.length;
    layer.reads = nodes.flatMap((node) => tensorsIn(node, layer.name));
  }
  return { layers, outputs: tensorsIn(outputs, 'output_layers') };
}

/** With the name that the class gives to the group of weights: `_save_container_state` in Keras's saving_lib.py. */
function numbered(layers: Omit<KerasLayer, 'group'>[]): KerasLayer[] {
  const used = new Map<string, number>();
  const names = new Set<string>();
  return layers.map((layer) => {
    if (names.size === names.add(layer.name).size) throw new DataError(`two layers are called ${layer.name}.`);
    const stem = snakeCase(layer.className);
    const number = used.get(stem) ?? 0;
    used.set(stem, number + 1);
    return { ...layer, group: number === 0 ? stem : `${stem}_${number}` };
  });
}

/** `TimeDistributed` as `time_distributed`, as Keras's `to_snake_case` has it. */
function snakeCase(name: string): string {
  const words = name.replace(/\W+/g, '').replace(/(.)([A-Z][a-z]+)/g, '$1_$2');
  return words.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

function layerOf(given: unknown, index: number): Omit<KerasLayer, 'group'> {
  const layer = asRecord(given);
  const config = asRecord(layer?.config);
  const name = config?.name ?? layer?.name;
  if (!layer || !config || typeof layer.class_name !== 'string' || typeof name !== 'string' || name === '') {
    throw new DataError(`layer ${index} of config.json has no class_name, name or config.`);
  }
  const safe = clipped(name);
  assertKnown(layer, safe);
  return { name: safe, className: layer.class_name, config, reads: [], uses: 1 };
}

/** @throws DataError where a class is not one of Keras's own, or is code */
export function assertKnown({ module, class_name: className, registered_name: registered }: Config, who: string): void {
  if (className === 'Lambda' || className === '__lambda__') {
    throw new DataError(`${who} is a Lambda: code, which Etude does not execute. Say it with layers of Keras, or leave it out before the model is saved.`); // prettier-ignore
  }
  const own = typeof module === 'string' && !OWN_MODULE.test(module) && module !== 'builtins';
  if (!own && !(typeof registered === 'string' && registered.includes('>'))) return;
  throw new DataError(`${who} is ${shownValue(registered ?? className)}, a class of somebody's own, whose code Etude does not have and does not execute; expected Sequential or Functional of Keras's layers.`); // prettier-ignore
}

/** The layers whose first outputs are named in a node, whether Keras 3 wrote it or Keras 2. */
function tensorsIn(value: unknown, who: string): string[] {
  if (Array.isArray(value)) {
    const [name, node, tensor] = value as unknown[];
    if (typeof name === 'string' && typeof node === 'number') return [tensorOf(name, tensor, who)];
    return value.flatMap((each) => tensorsIn(each, who));
  }
  const record = asRecord(value);
  if (!record) return [];
  const history = record.class_name === '__keras_tensor__' ? asRecord(record.config)?.keras_history : undefined;
  if (!Array.isArray(history)) return Object.values(record).flatMap((each) => tensorsIn(each, who));
  return [tensorOf(String(history[0]), history[2], who)];
}

function tensorOf(name: string, tensor: unknown, who: string): string {
  if (tensor === 0) return clipped(name);
  throw new DataError(`${who} reads a state that ${clipped(name)} returns (return_state), which Etude's models do not; a Stepper of Etude has the states.`); // prettier-ignore
}

/** A value of a configuration in a sentence, short. */
export function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
  return printable((text ?? 'nothing').slice(0, 80));
}
