import { DataError } from '../../errors.ts';
import type { ImportedModel } from '../imported-model.ts';
import { isHdf5, isZip } from '../magic.ts';
import { findLayers, type DescribedLayers, type LayersOptions } from '../keras-layers/find-layers.ts';
import { readLayers, withWeights } from '../keras-layers/read-layers.ts';
import type { Dialect } from '../keras-layers/recurrent.ts';
import { readConfig, type KerasModel } from './config.ts';
import { ALONE, modelInGroups } from './groups.ts';
import { trainingIn } from './training.ts';
import { readLayerWeights, tensorsOfLayers } from './weights.ts';

/** How a file of Keras is read. */
export interface KerasOptions extends LayersOptions {
  /** What `model.to_json()` gives, for a `.weights.h5`, which does not say how its layers are connected. */
  config?: string;
}

/**
 * Reads a model of Keras from its weights (`.weights.h5`, docs/interop.md), in Node also from a `.keras`. Nothing in it is executed, and
 * what would change the numbers is refused by name. The result is a model for `encodeCheckpoint`; `loadModel` takes that, too, where it
 * has one input and one head.
 *
 * @throws DataError that names the first layer, weight or setting which cannot be read or has no place; also where h5wasm is not installed
 * @throws UsageError for options that do not fit the file
 */
export async function importKeras(bytes: Uint8Array, options: KerasOptions = {}): Promise<ImportedModel> {
  if (isZip(bytes)) throw new DataError('a .keras is read in Node; in a page give a .weights.h5, and its config.json as `config`.'); // prettier-ignore
  const { config, ...rest } = options;
  return modelOf(bytes, config === undefined ? undefined : new TextEncoder().encode(config), rest);
}

/** The model of some weights, with its configuration where that is there. @throws what `importKeras` throws */
export async function modelOf(weights: Uint8Array, config: Uint8Array | undefined, options: LayersOptions): Promise<ImportedModel> {
  if (!isHdf5(weights)) throw new DataError('this is no file of HDF5; expected what model.save("model.keras") or model.save_weights("model.weights.h5") of Keras 3 wrote.'); // prettier-ignore
  if (config) {
    const { groups, ...model } = readConfig(config);
    // What is wrong with the configuration is said before any weight is read.
    const layers = findLayers(describedBy(model), options);
    return withWeights(layers, tensorsOfLayers(await readLayerWeights(weights), groups), options);
  }
  const tensors = await readLayerWeights(weights);
  const { groups, ...model } = modelInGroups(tensors);
  const found = readLayers({ ...describedBy(model), ...tensorsOfLayers(tensors, groups) }, options);
  return { ...found, notes: [...found.notes, ALONE] };
} // prettier-ignore

/** A model with what settings mean in Keras that are not written down. */
export function describedBy({ config, compile }: Omit<KerasModel, 'groups'>): DescribedLayers {
  return { config, trainingOf: trainingIn(compile), dialect: KERAS };
}

/** Before Keras 2.3 there was one kind of GRU, which resets before the product. */
const KERAS: Dialect = {
  recurrentActivation: 'sigmoid',
  hardSigmoid: 'Keras before 2.3',
  resetAfter: false,
  remedy: 'recurrent_activation="sigmoid"',
};
