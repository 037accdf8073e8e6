import { DataError, UsageError } from '../../errors.ts';
import { counted } from '../../text/words.ts';
import { packReading, unpackReading } from './piece-file.ts';
import { digestOfNotes } from './read-piece.ts';
import type { Corpus, Piece, SplitName } from './types.ts';

/*
 * A corpus that has been read, in one file, so that another machine trains on exactly the same notes. Numbers in the machine's own
 * byte order:
 *
 *   offset  bytes
 *   0       8     "ETUDECO" and the version of this layout
 *   8       4     0x01020304, so that a machine of the other byte order refuses the file
 *   12      4     h, the bytes of the list
 *   16      h     the list, JSON in UTF-8: for each piece its path, name, split, digest and the bytes of its reading
 *   ...           the readings, each as piece-file.ts lays it out, on a multiple of 8
 *
 * Paths are relative to the folder that all pieces lie in, so that the same folder in another place gives the same bytes.
 */
const MAGIC = Buffer.from('ETUDECO\x01', 'latin1');
const BYTE_ORDER_MARK = 0x01020304;
const LIST_AT = 16;
/** MAESTRO has 113 MB. */
const MAX_CORPUS_BYTES = 2 ** 30;
const MAX_PIECES = 1_000_000;
const MAX_TEXT = 4096;
const SPLITS: readonly (SplitName | undefined)[] = ['train', 'validation', 'test', undefined];

/** A piece in the list. */
interface Listed extends Pick<Piece, 'path' | 'name' | 'split' | 'digest'> {
  bytes: number;
}

/** The folder that all pieces lie in, as their paths say it, with a `/` at its end; empty where there is none. */
export function commonFolder(pieces: readonly Pick<Piece, 'path'>[]): string {
  const [first = '', ...others] = pieces.map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1));
  return others.reduce((common, folder) => {
    let at = 0;
    while (at < common.length && common[at] === folder[at]) at++;
    return common.slice(0, common.lastIndexOf('/', at - 1) + 1);
  }, first);
}

/**
 * The pieces of a corpus as one file. The same pieces in the same order give the same bytes, wherever their folder lies.
 * @throws UsageError for a piece that comes from no file
 */
export function packCorpus(pieces: readonly Piece[]): Uint8Array {
  const root = commonFolder(pieces).length;
  const readings = pieces.map(({ path, table, pedal, timing, problems, digest }) => {
    if (!timing) throw new UsageError(`${path}: expected a piece that was read from a file.`);
    return packReading({ table, pedal, timing, problems, notesDigest: digestOfNotes(table) }, digest);
  });
  const list = pieces.map(
    ({ path, name, split, digest }, i): Listed => ({ path: path.slice(root), name, split, digest, bytes: readings[i].length }), // prettier-ignore
  );
  const listBytes = Buffer.from(JSON.stringify(list), 'utf8');
  const first = padded(LIST_AT + listBytes.length);
  const bytes = Buffer.alloc(readings.reduce((sum, { length }) => sum + padded(length), first));
  bytes.set(MAGIC, 0);
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 2).set([BYTE_ORDER_MARK, listBytes.length]);
  bytes.set(listBytes, LIST_AT);
  let at = first;
  for (const reading of readings) {
    bytes.set(reading, at);
    at += padded(reading.length);
  }
  return bytes;
}

/**
 * The corpus in a file of {@link packCorpus}. Nothing in it is trusted: lengths, names, notes and their digests are checked.
 * @throws DataError that says what is wrong
 */
export function unpackCorpus(bytes: Uint8Array): Corpus {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const list = readList(file);
  let at = padded(LIST_AT + file.readUint32LE(12));
  const pieces = list.map(({ bytes: length, ...listed }, i): Piece => {
    const reading = unpackReading(bytes.subarray(at, at + length), listed.digest);
    if (!reading || reading.notesDigest !== digestOfNotes(reading.table)) refuse(`piece ${i + 1} is damaged`);
    at += padded(length);
    const { table, pedal, timing, problems } = reading;
    return { ...listed, table, ...(pedal && { pedal }), timing, problems };
  });
  if (at !== file.length) refuse(`its pieces end at byte ${at}, and it has ${counted(file.length, 'byte')}`);
  return { pieces, skipped: [], missing: [], duplicates: [], cached: 0 };
}

function readList(file: Buffer): Listed[] {
  if (file.length > MAX_CORPUS_BYTES) refuse(`it has ${counted(file.length, 'byte')}, more than any corpus`);
  if (file.length < LIST_AT || !file.subarray(0, MAGIC.length).equals(MAGIC)) refuse('it does not begin as one');
  if (file.readUint32LE(8) !== BYTE_ORDER_MARK) refuse('it was written on a machine of the other byte order');
  const end = LIST_AT + file.readUint32LE(12);
  if (end > file.length) refuse('it is truncated');
  let list: unknown;
  try {
    list = JSON.parse(file.toString('utf8', LIST_AT, end));
  } catch {
    refuse('its list is not JSON');
  }
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_PIECES) refuse('its list holds no pieces');
  const listed = (list as unknown[]).map(checkListed);
  if (new Set(listed.map(({ path }) => path)).size < listed.length) refuse('two of its pieces have one path');
  return listed;
}

function checkListed(value: unknown, index: number): Listed {
  const { path, name, split, digest, bytes } = (value ?? {}) as Record<string, unknown>;
  const where = `piece ${index + 1}`;
  const isText = (text: unknown): text is string =>
    typeof text === 'string' && text.length > 0 && text.length <= MAX_TEXT;
  if (!isText(path) || path.startsWith('/') || path.split('/').includes('..')) refuse(`${where}: path: expected a relative path`); // prettier-ignore
  if (!isText(name)) refuse(`${where}: name: expected a text`);
  if (!SPLITS.includes(split as SplitName)) refuse(`${where}: split: expected train, validation or test`);
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) refuse(`${where}: digest: expected 64 hexadecimal digits`); // prettier-ignore
  if (!Number.isSafeInteger(bytes) || (bytes as number) <= 0 || (bytes as number) > MAX_CORPUS_BYTES) refuse(`${where}: bytes: expected a size`); // prettier-ignore
  return { path, name, ...(split !== undefined && { split: split as SplitName }), digest, bytes: bytes as number };
}

function refuse(why: string): never {
  throw new DataError(`this is no sound file of a corpus: ${why}.`);
}

/** The next multiple of 8. */
function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
