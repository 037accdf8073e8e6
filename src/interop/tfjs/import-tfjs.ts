import { DataError, messageOf, UsageError } from '../../errors.ts';
import { validateSpec, type ModelSpec, type SavedModel } from '../../nn/index.ts';
import { clipped, isObject, objectIn, own, shownValue } from '../keras-layers/json.ts';
import type { LayersOptions } from '../keras-layers/find-layers.ts';
import { readLayers } from '../keras-layers/read-layers.ts';
import type { ImportedModel } from '../imported-model.ts';
import { TFJS } from './dialect.ts';
import { tensorsOfLayers } from './layer-weights.ts';
import { readManifest, type WeightBytes } from './manifest.ts';
import { readModelJson } from './model-json.ts';
import { readOwn } from './own.ts';
import { VERSION } from './to-tfjs.ts';

export type { WeightBytes };

/** How a model is read that TensorFlow.js saved. */
export interface TfjsOptions extends LayersOptions {
  /** A model of which the layers are these, as `toTfjs` gives them: its architecture, and all else that it keeps, is taken over. */
  like?: Pick<SavedModel, 'spec' | 'extra'>;
}

/**
 * Reads a layers model of TensorFlow.js (docs/interop.md): LSTM, GRU or SimpleRNN layers with what they read and what reads them. One that
 * `toTfjs` wrote is the model that it was, bit for bit, and one that was trained on since has its new weights. The result is a model for
 * `encodeCheckpoint`; `loadModel` takes that, too, where it has one input and one head.
 *
 * @param model a model.json: its text, its bytes, or the object; also what `model.save` hands to a handler
 * @param weights the files of weights, by the names that the manifest gives them, or their bytes one behind the other
 * @throws DataError that names the first layer, setting or weight which cannot be read or has no place
 * @throws UsageError for options that do not fit the model
 */
export async function importTfjs(
  model: unknown,
  weights: WeightBytes,
  options: TfjsOptions = {},
): Promise<ImportedModel> {
  const { config, groups, metadata } = readModelJson(model);
  const { like, ...choice } = options;
  const known = like ?? modelIn(own(metadata, 'etude'));
  if (known) assertNoChoice(choice, like !== undefined);
  const tensors = await readManifest(groups, weights);
  if (known) {
    const { spec, extra } = known;
    const note = like ? 'The layers are those of the given model.' : 'Etude exported this model: it is what it was.';
    return { spec, parameters: readOwn(spec, config, tensors), extra, notes: [note] };
  }
  const { weightsOf, layers } = tensorsOfLayers(tensors);
  const asked = new Set<string>();
  const asking: typeof weightsOf = (layer, direction) => {
    asked.add(layer);
    return weightsOf(layer, direction);
  };
  const found = readLayers({ config, weightsOf: asking, dialect: TFJS }, choice);
  const other = [...layers].find((layer) => !asked.has(layer));
  if (other !== undefined) throw new DataError(`weightsManifest: there are weights of "${clipped(other)}", and no such layer is in the model.`); // prettier-ignore
  return found;
}

function assertNoChoice(choice: LayersOptions, isLike: boolean): void {
  const given = Object.entries(choice).find(([, value]) => value !== undefined);
  if (!given) return;
  throw new UsageError(`${given[0]}: ${isLike ? 'the model that this one is like' : 'the file, which Etude exported,'} says what its layers are; leave this out.`); // prettier-ignore
}

/** What `toTfjs` wrote into the metadata; undefined for a model of others. */
function modelIn(known: unknown): { spec: ModelSpec; extra: Record<string, unknown> } | undefined {
  if (known === undefined) return undefined;
  const { version, spec, extra } = objectIn(known, 'userDefinedMetadata: etude');
  if (version !== VERSION) {
    throw new DataError(`this model was exported by version ${shownValue(version)} of the format; this Etude reads version "${VERSION}". Update Etude.`); // prettier-ignore
  }
  if (!isObject(extra)) throw new DataError(`userDefinedMetadata: extra is ${shownValue(extra)}; expected an object.`);
  try {
    return { spec: validateSpec(spec as ModelSpec), extra };
  } catch (cause) {
    throw new DataError(`what this model says of its architecture cannot be read: ${clipped(messageOf(cause))}`, { cause }); // prettier-ignore
  }
}
