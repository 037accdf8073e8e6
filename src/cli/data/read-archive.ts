import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl';
import { messageOf } from '../../errors.ts';
import { formatCount } from '../../text/words.ts';
import { formatBytes } from '../files.ts';
import { printable } from '../../text/table.ts';
import { ArchiveError, type ArchiveErrorCode } from './archive-error.ts';
import { faultOfName, NamesInUse } from './entry-names.ts';

/** What an archive may hold. */
export interface ArchiveLimits {
  /** Of all files together, unpacked. */
  bytes: number;
  entries: number;
}

/** Who asks may stop it, and is told how far it is. */
export interface Watching {
  signal?: AbortSignal;
  onProgress?: (stage: 'Looking' | 'Unpacking', done: number, total: number) => void;
}

/** An entry that may be written. */
export interface PlannedEntry {
  /** In the folder, with `/` between folders: without the one folder that all others of an archive lie in. */
  path: string;
  isFolder: boolean;
  entry: Entry;
}

/** An open archive of which everything that it says of itself is sound, and whose entries may be read one by one. */
export interface Archive {
  zip: ZipFile;
  entries: readonly PlannedEntry[];
  /** Of all files together, unpacked, as the archive says. */
  bytes: number;
}

/**
 * No music is packed so tightly. Deflate reaches 1032 to 1 with zeros, MIDI 20 to 1 at the very most; small files do no harm.
 */
const HIGHEST_RATIO = 250;
const SMALL = 1 << 20;

/** Of a Unix mode: the kind of file, a folder, and a plain file. */
const KIND = 0o170000;
const FOLDER = 0o040000;
const PLAIN = 0o100000;

/**
 * Opens a zip archive and looks at all of its entries, before anything is written.
 *
 * @param path of the archive
 * @returns an archive whose `zip` is to be closed
 * @throws ArchiveError when it is none, is damaged, or has what may not be written; the signal's reason; then it is closed
 */
export async function openArchive(path: string, limits: ArchiveLimits, watching: Watching = {}): Promise<Archive> {
  const refuse: Refuse = (code, message, cause) => new ArchiveError(code, path, message, cause);
  // The names are decoded here, so that what is wrong with one can be said in our words.
  const options = { autoClose: false, decodeStrings: false };
  const zip = await openPromise(path, options).catch((thrown: unknown) => {
    throw refuse('not-a-zip', `this is no zip archive that can be read: ${sentence(thrown)}`, thrown);
  });
  try {
    return { zip, ...(await plan(zip, limits, refuse, watching)) };
  } catch (thrown) {
    zip.close();
    watching.signal?.throwIfAborted();
    throw thrown instanceof ArchiveError ? thrown : refuse('damaged', `the archive is damaged: ${sentence(thrown)}`, thrown); // prettier-ignore
  }
}

type Refuse = (code: ArchiveErrorCode, message: string, cause?: unknown) => ArchiveError;

async function plan(
  zip: ZipFile,
  limits: ArchiveLimits,
  refuse: Refuse,
  { signal, onProgress }: Watching,
): Promise<Omit<Archive, 'zip'>> {
  if (zip.entryCount > limits.entries) {
    throw refuse('too-large', `it says that it has ${formatCount(zip.entryCount)} entries; at most ${formatCount(limits.entries)} are unpacked.`); // prettier-ignore
  }
  const names = new NamesInUse();
  const entries: PlannedEntry[] = [];
  const places: Place[] = [];
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    signal?.throwIfAborted();
    onProgress?.('Looking', entries.length, zip.entryCount);
    const name = nameOf(entry);
    const fault = faultOfName(name) ?? names.take(name);
    if (fault !== undefined) throw refuse('name', `an entry ${fault}: "${printable(name)}".`);
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) throw refuse('too-large', tooLarge(limits.bytes));
    checkEntry(entry, name, refuse);
    places.push(await placeOf(zip, entry, name, refuse));
    entries.push({ path: name.replace(/\/$/, ''), isFolder: name.endsWith('/'), entry });
  }
  checkApart(places, refuse);
  if (!entries.some(({ isFolder }) => !isFolder)) throw refuse('damaged', 'the archive has no file in it.');
  return { entries: withoutTopFolder(entries), bytes };
}

/** The name as it stands, a backslash included. */
function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
}

function tooLarge(bytes: number): string {
  return `it unpacks to more than ${formatBytes(bytes)}, which is the limit; --max-bytes N raises it for an archive of your own that you trust.`; // prettier-ignore
}

function checkEntry(entry: Entry, name: string, refuse: Refuse): void {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const shown = printable(name);
  if (entry.isEncrypted()) throw refuse('unsupported', `"${shown}" is encrypted.`);
  if (!entry.canDecodeFileData()) {
    throw refuse('unsupported', `"${shown}" is packed by method ${compressionMethod}; only 0 (stored) and 8 (deflate) are unpacked.`); // prettier-ignore
  }
  const kind = kindOf(entry);
  const isFolder = name.endsWith('/');
  if (kind !== 0 && kind !== (isFolder ? FOLDER : PLAIN)) {
    throw refuse('name', `"${shown}" is a link, a device or the like, not a ${isFolder ? 'folder' : 'file'}.`);
  }
  if (isFolder && uncompressedSize > 0) throw refuse('damaged', `the folder "${shown}" says that it has contents.`);
  if (uncompressedSize > SMALL && uncompressedSize > HIGHEST_RATIO * compressedSize) {
    throw refuse('bomb', `"${shown}" unpacks to more than ${HIGHEST_RATIO} times its size (${formatBytes(uncompressedSize)} from ${formatBytes(compressedSize)}), as no music does.`); // prettier-ignore
  }
}

/** The kind of file of a Unix mode; 0 where the archive was made elsewhere, or has none. */
function kindOf({ externalFileAttributes }: Entry): number {
  return (externalFileAttributes >>> 16) & KIND;
}

/** Where an entry lies in the archive, its own header included. */
interface Place {
  name: string;
  start: number;
  end: number;
}

async function placeOf(zip: ZipFile, entry: Entry, name: string, refuse: Refuse): Promise<Place> {
  const { fileDataStart, fileName } = await zip.readLocalFileHeaderPromise(entry);
  if (!fileName.equals(entry.fileNameRaw)) {
    throw refuse('damaged', `"${printable(name)}" has another name where its data begin.`);
  }
  return { name, start: entry.relativeOffsetOfLocalHeader, end: fileDataStart + entry.compressedSize };
}

/** Entries that share their data can unpack to any size (Fifield, "A better zip bomb", 2019). */
function checkApart(places: readonly Place[], refuse: Refuse): void {
  const inOrder = places.toSorted((a, b) => a.start - b.start);
  for (let at = 1; at < inOrder.length; at++) {
    const [one, other] = [inOrder[at - 1], inOrder[at]];
    if (other.start >= one.end) continue;
    throw refuse('bomb', `"${printable(one.name)}" and "${printable(other.name)}" share bytes of the archive, of which a small one can unpack to any size.`); // prettier-ignore
  }
}

/** Most archives are of one folder: what is in it is what is wanted. */
function withoutTopFolder(entries: readonly PlannedEntry[]): PlannedEntry[] {
  const [top] = entries[0].path.split('/');
  const isAlone = entries.every(({ path, isFolder }) => path.startsWith(`${top}/`) || (isFolder && path === top));
  if (!isAlone) return [...entries];
  return entries
    .filter(({ path }) => path !== top)
    .map((entry) => ({ ...entry, path: entry.path.slice(top.length + 1) }));
}

/** What another program says, as a sentence without what could command a terminal. */
function sentence(thrown: unknown): string {
  return `${printable(messageOf(thrown)).replace(/\.$/, '')}.`;
}
