import { DataError, UsageError } from '../../errors.ts';
import { validateSpec, type ModelSpec } from '../../nn/index.ts';
import type { ImportedModel } from '../imported-model.ts';
import type { StateFile } from '../state-dict.ts';
import { readForeign, type ImportOptions } from './foreign.ts';
import { readOwn } from './own.ts';
import { readWeights } from './read.ts';
import { VERSION } from './to-pytorch.ts';

export type { ImportOptions };

/**
 * Reads the weights of a network from a safetensors file (docs/interop.md); in Node also from a `.pt` of `torch.save(model.state_dict())`,
 * of which nothing is executed. A file that `toPytorch` wrote is the model that it was, bit for bit; of others the architecture follows from
 * names and shapes. The result is a model for `encodeCheckpoint`; `loadModel` takes that, too, where it has one input and one head.
 *
 * @throws DataError, CheckpointError that names the first tensor which cannot be read or has no place
 * @throws UsageError for options that do not fit the file
 */
export function importPytorch(bytes: Uint8Array, options: ImportOptions = {}): Promise<ImportedModel> {
  // As in Node, where reading an archive takes turns.
  return new Promise((resolve) => { resolve(modelFrom(readWeights(bytes), options)); }); // prettier-ignore
}

/** The model in what was read of a file. @throws what `importPytorch` throws */
export function modelFrom({ tensors, metadata }: StateFile, options: ImportOptions): ImportedModel {
  const { like, ...choice } = options;
  const own = like ?? (metadata.etude === undefined ? undefined : modelIn(metadata));
  if (!own) return readForeign(tensors, choice);
  const given = Object.entries(choice).find(([, value]) => value !== undefined);
  if (given) {
    throw new UsageError(`${given[0]}: ${like ? 'the model that this one is like' : "the file, which Etude exported,"} says what its tensors are; leave this out.`); // prettier-ignore
  }
  const { spec, extra } = own;
  return {
    spec,
    parameters: readOwn(spec, tensors),
    extra,
    notes: [
      like
        ? 'The tensors have the names and shapes of the given model.'
        : 'Etude exported this file: the model is what it was.',
    ],
  };
}

/** What `toPytorch` wrote beside the tensors. */
function modelIn(metadata: Record<string, string>): { spec: ModelSpec; extra: Record<string, unknown> } {
  if (metadata.etude !== VERSION) {
    throw new DataError(`this file was exported by version ${metadata.etude} of the format; this Etude reads version ${VERSION}. Update Etude.`); // prettier-ignore
  }
  try {
    const extra: unknown = JSON.parse(metadata.extra);
    if (typeof extra !== 'object' || extra === null || Array.isArray(extra)) throw new TypeError('extra is no object');
    return { spec: validateSpec(JSON.parse(metadata.spec) as ModelSpec), extra: extra as Record<string, unknown> };
  } catch (cause) {
    throw new DataError(`what this file says of its model cannot be read: ${String(cause)}`, { cause });
  }
}
