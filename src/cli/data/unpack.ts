import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ZipFile } from 'yauzl';
import { messageOf } from '../../errors.ts';
import { FileError, makeFolder, outputError, type WriteBytes } from '../files.ts';
import { printable } from '../../text/table.ts';
import { ArchiveError } from './archive-error.ts';
import { openArchive, type ArchiveLimits, type PlannedEntry, type Watching } from './read-archive.ts';

/** Bytes of each file that was unpacked, by its path in the folder, with `/` between folders. */
export type UnpackedFiles = Record<string, number>;

export interface UnpackOptions extends Watching {
  limits: ArchiveLimits;
  /** Tests pass one that runs out of space. */
  write?: WriteBytes;
}

/**
 * Unpacks a zip archive into a folder that is not there yet. Everything that the archive says of itself is looked at first: a
 * name that leads elsewhere, a size that is too large, an entry that is none of a file or folder refuse the whole. Then each
 * file must have the bytes and the CRC that the archive says. Permissions and times are not taken over. If all files lie in one
 * folder of the archive, what is in it becomes the folder.
 *
 * @throws ArchiveError, FileError, the signal's reason; what was written by then is to be removed by the caller
 */
export async function unpack(
  archive: string,
  folder: string,
  { limits, signal, onProgress, write = writeSync }: UnpackOptions,
): Promise<UnpackedFiles> {
  const { zip, entries, bytes } = await openArchive(archive, limits, { signal, onProgress });
  const files: UnpackedFiles = {};
  try {
    makeFolder(folder);
    for (const [index, planned] of entries.entries()) {
      signal?.throwIfAborted();
      onProgress?.('Unpacking', index, entries.length);
      const path = join(folder, planned.path);
      makeFolder(planned.isFolder ? path : dirname(path));
      if (planned.isFolder) continue;
      await unpackOne(zip, planned, { archive, path, write, needed: bytes });
      files[planned.path] = planned.entry.uncompressedSize;
    }
    return files;
  } finally {
    zip.close();
  }
}

interface Target {
  archive: string;
  path: string;
  write: WriteBytes;
  /** Bytes of all that is unpacked, to be told where the disk is full. */
  needed: number;
}

async function unpackOne(zip: ZipFile, { entry, path: name }: PlannedEntry, target: Target): Promise<void> {
  const damaged = (what: string, cause?: unknown): ArchiveError =>
    new ArchiveError('damaged', target.archive, `"${printable(name)}" ${what}.`, cause);
  const { uncompressedSize } = entry;
  const file = create(target);
  let crc = 0;
  let bytes = 0;
  try {
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      // yauzl sees to it; a file that grows without end must not depend on that alone.
      if (bytes > uncompressedSize) throw damaged('is longer than the archive says');
      crc = crc32(chunk, crc);
      writeAll(file, chunk, target);
    }
  } catch (thrown) {
    if (thrown instanceof ArchiveError || thrown instanceof FileError) throw thrown;
    throw damaged(`cannot be unpacked: ${printable(messageOf(thrown)).replace(/\.$/, '')}`, thrown);
  } finally {
    closeSync(file);
  }
  if (bytes !== uncompressedSize) throw damaged('is shorter than the archive says');
  if (crc !== entry.crc32) throw damaged('has another check sum than the archive says');
}

function create({ path, needed }: Target): number {
  try {
    return openSync(path, 'wx');
  } catch (thrown) {
    throw outputError(path, thrown, needed);
  }
}

function writeAll(file: number, chunk: Buffer, { path, write, needed }: Target): void {
  try {
    for (let written = 0; written < chunk.length;) written += write(file, chunk, written);
  } catch (thrown) {
    throw outputError(path, thrown, needed);
  }
}
