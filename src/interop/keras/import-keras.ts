import { DataError } from '../../errors.ts';
import type { ImportedModel } from '../imported-model.ts';
import { isHdf5, isZip } from '../magic.ts';
import { buildModel, type BuildOptions } from './build.ts';
import { networkOf } from './chain.ts';
import { readConfig } from './config.ts';
import { networkInGroups } from './groups.ts';
import { readLayerWeights } from './weights.ts';

/** How a file of Keras is read. */
export interface KerasOptions extends BuildOptions {
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
export async function modelOf(weights: Uint8Array, config: Uint8Array | undefined, options: BuildOptions): Promise<ImportedModel> {
  if (!isHdf5(weights)) throw new DataError('this is no file of HDF5; expected what model.save("model.keras") or model.save_weights("model.weights.h5") of Keras 3 wrote.'); // prettier-ignore
  // What is wrong with the configuration is said before any weight is read.
  const network = config && networkOf(readConfig(config));
  const tensors = await readLayerWeights(weights);
  return buildModel(network ?? networkInGroups(tensors), tensors, options);
} // prettier-ignore
