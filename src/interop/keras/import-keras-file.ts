import { DataError, UsageError } from '../../errors.ts';
import { readArchive } from '../archive.ts';
import type { ImportedModel } from '../imported-model.ts';
import { isZip } from '../magic.ts';
import { importKeras as importWeights, modelOf, type KerasOptions } from './import-keras.ts';

/**
 * `importKeras` as Node has it: what a `.keras` holds, too.
 * @throws what that throws
 */
export async function importKeras(bytes: Uint8Array, options: KerasOptions = {}): Promise<ImportedModel> {
  return isZip(bytes) ? fromArchive(await readArchive(bytes), options) : importWeights(bytes, options);
}

/** The model in the entries of a `.keras`. @throws what `importKeras` throws */
export async function fromArchive(entries: ReadonlyMap<string, Uint8Array>, { config: given, ...options }: KerasOptions): Promise<ImportedModel> {
  if (given !== undefined) throw new UsageError('config: a .keras has its own; leave this out.');
  const [config, weights] = ['config.json', 'model.weights.h5'].map((name) => entries.get(name));
  if (!config) throw new DataError('this zip archive has no config.json; expected what model.save("model.keras") of Keras 3 wrote.'); // prettier-ignore
  if (!weights) throw new DataError('this .keras has no model.weights.h5, in which Keras 3 keeps the weights. Save the model anew: model.save("model.keras").'); // prettier-ignore
  return modelOf(weights, config, options);
} // prettier-ignore
