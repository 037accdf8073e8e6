import type { Entry, ZipFile } from 'yauzl';
import { DataError, messageOf } from '../errors.ts';
import { formatCount } from '../text/words.ts';
import { printable } from '../text/table.ts';

/** Far more than the tensors of any network; each entry takes some memory. */
const MOST_ENTRIES = 100_000;

/**
 * The entries of a zip archive that `torch.save` or Keras wrote, by name. They are not packed: each is a view of the file's bytes, so
 * that a small file cannot grow.
 *
 * @throws DataError where it is no such archive, entries are packed or encrypted, lie outside the file or on one another
 */
export async function readArchive(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  // Loaded for archives alone: a program bundled as an ES module cannot load what is CommonJS at its start.
  const { fromBufferPromise } = await import('yauzl');
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (thrown) {
    throw damaged(thrown);
  }
  if (zip.entryCount > MOST_ENTRIES) {
    throw new DataError(`this archive says that it has ${formatCount(zip.entryCount)} entries; at most ${formatCount(MOST_ENTRIES)} are read.`); // prettier-ignore
  }
  const entries = new Map<string, Uint8Array>();
  let end = 0;
  for (const { name, start, data } of await placesIn(zip, bytes)) {
    if (start < end) throw new DataError(`${printable(name)} shares bytes of the archive with the entry before it, as in no archive of torch.save or Keras.`); // prettier-ignore
    end = data.byteOffset - bytes.byteOffset + data.byteLength;
    put(entries, name, data);
  }
  return entries;
}

/**
 * The same without the folder that all of them lie in, as in archives of `torch.save`.
 * @throws DataError where two then have one name
 */
export function withoutFolder(entries: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const inside = new Map<string, Uint8Array>();
  for (const [name, data] of entries) put(inside, name.slice(name.indexOf('/') + 1), data);
  return inside;
}

function put(entries: Map<string, Uint8Array>, path: string, data: Uint8Array): void {
  if (entries.has(path)) throw new DataError(`the archive has two entries ${printable(path)}.`);
  entries.set(path, data);
}

interface Place {
  name: string;
  start: number;
  data: Uint8Array;
}

/** In the order in which they lie in the file. */
async function placesIn(zip: ZipFile, bytes: Uint8Array): Promise<Place[]> {
  const places: Place[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      assertPlain(entry);
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry);
      const end = fileDataStart + entry.uncompressedSize;
      if (end > bytes.byteLength) throw new DataError(`the file is truncated: ${printable(entry.fileName)} ends at byte ${end}, the file at ${bytes.byteLength}.`); // prettier-ignore
      const data = bytes.subarray(fileDataStart, end);
      places.push({ name: entry.fileName, start: entry.relativeOffsetOfLocalHeader, data });
    }
  } catch (thrown) {
    throw thrown instanceof DataError ? thrown : damaged(thrown);
  }
  return places.sort((a, b) => a.start - b.start);
}

function assertPlain(entry: Entry): void {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (!entry.isEncrypted() && compressionMethod === 0 && compressedSize === uncompressedSize) return;
  throw new DataError(`${printable(entry.fileName)} is packed or encrypted, as no entry of torch.save or Keras is; unpacked it would have ${formatCount(uncompressedSize)} bytes.`); // prettier-ignore
}

function damaged(thrown: unknown): DataError {
  return new DataError(`this zip archive cannot be read; it is damaged or truncated: ${printable(messageOf(thrown)).replace(/\.$/, '')}.`, { cause: thrown }); // prettier-ignore
}
