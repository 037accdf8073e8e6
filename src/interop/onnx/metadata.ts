import { DataError, messageOf } from '../../errors.ts';
import { bytesIn } from './protobuf.ts';

/** Fields of a ModelProto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
const GRAPH = 7;
const METADATA = 14;

/**
 * The metadata of an ONNX file, texts by their names: for programs whose runtime does not hand them out. Nothing else of the file is looked at.
 * @throws DataError when the bytes are no such file
 */
export function onnxMetadata(bytes: Uint8Array): Record<string, string> {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const found = new Map<string, string>();
    let hasGraph = false;
    for (const [field, entry] of bytesIn(bytes)) {
      if (field === GRAPH) hasGraph = true;
      if (field !== METADATA) continue;
      const { 1: key = '', 2: value = '' } = Object.fromEntries([...bytesIn(entry)].map(([k, text]) => [k, decoder.decode(text)])) as Record<number, string | undefined>; // prettier-ignore
      if (found.has(key)) throw new RangeError('two texts of its metadata have one name');
      found.set(key, value);
    }
    if (!hasGraph) throw new RangeError('it has no graph');
    // Not by assignment, which `__proto__` would not take.
    return Object.fromEntries(found);
  } catch (cause) {
    throw new DataError(`This is no ONNX file, or a damaged one: ${messageOf(cause)}.`, { cause });
  }
}
