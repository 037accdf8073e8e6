import { DataError, messageOf } from '../../errors.ts';
import { bytesIn } from './protobuf.ts';

/**
 * The metadata of an ONNX file, texts by their names: for programs whose runtime does not hand them out. Nothing else of the file is looked at.
 * @throws DataError when the bytes are no such file
 */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const found: Record<string, string> = {};
    for (const [field, entry] of bytesIn(bytes)) {
      if (field !== 14) continue;
      const { 1: key = '', 2: value = '' } = Object.fromEntries([...bytesIn(entry)].map(([k, text]) => [k, decoder.decode(text)])) as Record<number, string | undefined>; // prettier-ignore
      found[key] = value;
    }
    return found;
  } catch (cause) {
    throw new DataError(`This is no ONNX file, or a damaged one: ${messageOf(cause)}.`, { cause });
  }
}
