import { DataError } from '../../errors.ts';
import { begins, isZip } from '../magic.ts';
import { readSafetensors, type StateFile } from '../state-dict.ts';

/** How every pickle of protocol 2 or later begins; the fifth to eighth byte of a safetensors file, the length of its header, are zero. */
const PICKLE = 0x80;

/** How the pickles begin that `torch.save` wrote before PyTorch 1.6: protocol 2 and its magic number. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc];

/**
 * Reads a safetensors file of weights.
 * @throws DataError or CheckpointError that says what is wrong with the file, and what to do
 */
export function readWeights(bytes: Uint8Array): StateFile {
  if (isZip(bytes)) throw new DataError('a .pt is read in Node; in a page give a safetensors file.');
  if (bytes[0] === PICKLE && bytes.subarray(4, 8).some((byte) => byte !== 0)) {
    throw new DataError(
      `this is a ${begins(bytes, LEGACY) ? 'file of torch.save in the old format, which is no zip archive' : 'bare pickle'}. Save it anew in PyTorch: torch.save(state_dict, "model.pt", _use_new_zipfile_serialization=True), or as safetensors.`,
    );
  }
  return readSafetensors(bytes);
}
