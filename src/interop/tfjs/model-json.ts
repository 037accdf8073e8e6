import { DataError, messageOf } from '../../errors.ts';
import { isObject, listIn, objectIn, own, shownValue, type JsonObject } from '../keras-layers/json.ts';

/** The description of a large network has some hundred kilobytes. */
const MOST_BYTES = 64 * 2 ** 20;

/** A group of weights: files, and what lies in them one behind the other. */
export interface WeightGroup {
  paths: unknown;
  weights: unknown[];
}

/** What a model.json says, as far as it is wanted. */
export interface ModelJson {
  /** `{ class_name, config }`. */
  config: unknown;
  groups: WeightGroup[];
  /** What the application keeps in it. */
  metadata: JsonObject;
}

/**
 * Reads a model.json of TensorFlow.js, or what `model.save` hands to a handler.
 * @param given its text, its bytes, or what JSON.parse made of them
 * @throws DataError that says what is wrong with it
 */
export function readModelJson(given: unknown): ModelJson {
  const json = objectIn(given instanceof Uint8Array || typeof given === 'string' ? parse(given) : given, 'model.json');
  const format = own(json, 'format') ?? 'layers-model';
  if (format === 'graph-model') {
    throw new DataError('this is a graph model, whose layers are lost in single operations. Save it as a layers model: model.save(...) in TensorFlow.js, or tensorflowjs_converter with --output_format tfjs_layers_model.'); // prettier-ignore
  }
  if (format !== 'layers-model') throw new DataError(`the format is ${shownValue(format)}; expected "layers-model".`);
  const topology = own(json, 'modelTopology');
  if (!isObject(topology)) {
    throw new DataError(`modelTopology is ${shownValue(topology)}; expected a model.json of a layers model of TensorFlow.js.`); // prettier-ignore
  }
  const metadata = own(json, 'userDefinedMetadata');
  return {
    // Python's converter puts the model a level deeper than TensorFlow.js does.
    config: own(topology, 'model_config') ?? topology,
    groups: groupsIn(json),
    metadata: isObject(metadata) ? metadata : {},
  };
}

function parse(given: Uint8Array | string): unknown {
  if (given.length > MOST_BYTES) throw new DataError(`this model.json has ${given.length} bytes; at most ${MOST_BYTES} are read.`); // prettier-ignore
  try {
    return JSON.parse(typeof given === 'string' ? given : new TextDecoder('utf-8', { fatal: true }).decode(given));
  } catch (cause) {
    throw new DataError(`this is no JSON: ${messageOf(cause)}. Expected a model.json of TensorFlow.js.`, { cause });
  }
}

/** The groups of `weightsManifest`, or the one of `weightSpecs` that a handler of `model.save` gets. */
function groupsIn(json: JsonObject): WeightGroup[] {
  const manifest = own(json, 'weightsManifest');
  const specs = own(json, 'weightSpecs');
  if (manifest === undefined && specs !== undefined) return [{ paths: [], weights: listIn(specs, 'weightSpecs') }];
  return listIn(manifest, 'weightsManifest').map((entry, k) => {
    const group = objectIn(entry, `weightsManifest: group ${k}`);
    return {
      paths: own(group, 'paths') ?? [],
      weights: listIn(own(group, 'weights'), `weightsManifest: weights of group ${k}`),
    };
  });
}
