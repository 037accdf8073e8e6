import { readArchive } from './archive.ts';
import { modelFrom, type ImportedModel, type ImportOptions } from './import-pytorch.ts';
import { isZip, readWeights } from './read.ts';
import { readTorchFile } from './torch-file.ts';

/**
 * `importPytorch` as Node has it: what a `.pt` holds, too.
 * @throws what that throws
 */
export async function importPytorch(bytes: Uint8Array, options: ImportOptions = {}): Promise<ImportedModel> {
  return modelFrom(isZip(bytes) ? readTorchFile(await readArchive(bytes)) : readWeights(bytes), options);
}
