import { readArchive, withoutFolder } from '../archive.ts';
import type { ImportedModel } from '../imported-model.ts';
import { isZip } from '../magic.ts';
import { modelFrom, type ImportOptions } from './import-pytorch.ts';
import { readWeights } from './read.ts';
import { readTorchFile } from './torch-file.ts';

/**
 * `importPytorch` as Node has it: what a `.pt` holds, too.
 * @throws what that throws
 */
export async function importPytorch(bytes: Uint8Array, options: ImportOptions = {}): Promise<ImportedModel> {
  return modelFrom(isZip(bytes) ? readTorchFile(withoutFolder(await readArchive(bytes))) : readWeights(bytes), options);
}
