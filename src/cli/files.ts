import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, messageOf } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { counted } from '../text/words.ts';

/** Why a file or folder could not be written. */
export type FileErrorCode = 'exists' | 'is-folder' | 'not-a-folder' | 'not-writable' | 'disk-full' | 'held' | 'failed';

/** An output that was refused or failed. What stood there before still does. */
export class FileError extends DataError {
  override name = 'FileError';
  readonly code: FileErrorCode;
  readonly path: string;

  constructor(code: FileErrorCode, path: string, message: string, cause?: unknown) {
    super(`${path}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}

export interface OutputOptions {
  /** Replace a file that is there. @default false */
  force?: boolean;
}

/** Writes bytes to an open file and says how many it took; tests pass one that runs out of space. */
export type WriteBytes = (file: number, bytes: Uint8Array, from: number) => number;

const writeBytes: WriteBytes = (file, bytes, from) => writeSync(file, bytes, from);

/**
 * Whether `path` can become an output file: to be asked before the work begins that leads to it. Changes nothing.
 * @throws FileError
 */
export function checkOutputFile(path: string, { force = false }: OutputOptions = {}): void {
  const there = statOf(path);
  if (there?.isDirectory()) {
    throw new FileError('is-folder', path, 'this is a folder; name a file in it.');
  }
  // A device or a pipe holds nothing that could be lost.
  if (there?.isFile() && !force) {
    throw new FileError(
      'exists',
      path,
      'the file is already there. Choose another name, or pass --force to replace it.',
    );
  }
  if (there) checkAccess(path, path);
  if (!there || there.isFile()) checkParent(path);
}

/**
 * Writes a whole file or none: into a new file beside it, which is flushed to the disk and then takes its name. A reader
 * sees the old contents or the new ones, never a part, whatever ends the process. Missing parent folders are made.
 *
 * @returns the number of bytes written
 * @throws FileError; then nothing has changed, and nothing is left behind
 */
export function writeFileAtomic(
  path: string,
  content: Uint8Array | string,
  { force = false, write = writeBytes }: OutputOptions & { write?: WriteBytes } = {},
): number {
  checkOutputFile(path, { force });
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const there = statOf(path);
  if (there && !there.isFile()) writeInto(path, path, 'w', bytes, write);
  else replace(path, bytes, there, write);
  return bytes.length;
}

/**
 * Makes a folder and those above it, unless it is there.
 * @returns the uppermost folder that was made; undefined where all were there
 * @throws FileError
 */
export function makeFolder(path: string): string | undefined {
  try {
    return makeFolders(path);
  } catch (thrown) {
    throw outputError(path, thrown, 0);
  }
}

/** A number of bytes for people: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? counted(bytes, 'byte') : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** What an error of the system means for an output of `needed` bytes. */
export function outputError(path: string, thrown: unknown, needed: number): FileError {
  switch ((thrown as NodeJS.ErrnoException | null)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new FileError(
        'disk-full',
        path,
        `the disk is full: ${formatBytes(needed)} are needed${freeSpace(path)}. This file was not written; free some space or ` +
          `choose a place on another disk.`,
        thrown,
      );
    case 'EACCES':
    case 'EPERM':
      return new FileError('not-writable', path, 'you may not write here; check the permissions.', thrown);
    case 'EROFS':
      return new FileError('not-writable', path, 'the file system is read-only; choose another place.', thrown);
    case 'ENOENT':
      return new FileError(
        'not-writable',
        path,
        'the system says that there is no such place: its folder was removed, or is one in which nothing can be made, as in ' +
          '/proc. Choose another place.',
        thrown,
      );
    case 'ENAMETOOLONG':
      return new FileError('not-writable', path, 'the name is too long for this system; choose a shorter one.', thrown);
    case 'ENOTDIR':
    case 'EEXIST':
      return new FileError('not-a-folder', path, 'a part of this path is a file, not a folder.', thrown);
    default:
      return new FileError('failed', path, `cannot be written: ${messageOf(thrown)}.`, thrown);
  }
}

/** The name of a file that is being written in the place of `$1`; one that stays was left by a process that was killed. */
export const UNFINISHED_FILE = /^\.(.+)\.[0-9a-f]{12}\.tmp$/;

/** Writes beside the target and renames. A link is followed, so that the file it leads to is replaced, not the link. */
function replace(path: string, bytes: Uint8Array, there: Stats | undefined, write: WriteBytes): void {
  const target = there ? realpathSync(path) : resolve(path);
  makeFolder(dirname(target));
  const temporary = join(dirname(target), `.${basename(target).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeInto(temporary, path, 'wx', bytes, write, there?.mode);
    renameSync(temporary, target);
    syncFolder(dirname(target));
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown instanceof FileError ? thrown : outputError(path, thrown, bytes.length);
  }
}

function writeInto(
  file: string,
  path: string,
  flags: 'w' | 'wx',
  bytes: Uint8Array,
  write: WriteBytes,
  mode?: number,
): void {
  let open: number | undefined;
  try {
    open = openSync(file, flags);
    if (mode !== undefined) fchmodSync(open, mode & 0o777);
    for (let written = 0; written < bytes.length;) written += write(open, bytes, written);
    // Pipes and devices have nothing to flush.
    if (flags === 'wx') fsyncSync(open);
  } catch (thrown) {
    throw outputError(path, thrown, bytes.length);
  } finally {
    if (open !== undefined) closeSync(open);
  }
}

/** Makes the rename itself outlast a power cut; not every system can, and then it is as good as any program's. */
function syncFolder(folder: string): void {
  try {
    const open = openSync(folder, 'r');
    try {
      fsyncSync(open);
    } finally {
      closeSync(open);
    }
  } catch {
    // Windows does not open folders.
  }
}

/** The nearest folder above that exists must be a folder, and writable. */
function checkParent(path: string): void {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const there = statOf(folder);
    if (there && !there.isDirectory()) {
      throw new FileError('not-a-folder', path, `${folder} is a file, not a folder; choose another place.`);
    }
    if (there) {
      checkAccess(folder, path);
      return;
    }
    if (folder === dirname(folder)) return;
  }
}

function checkAccess(what: string, path: string): void {
  try {
    accessSync(what, constants.W_OK);
  } catch (thrown) {
    throw outputError(path, thrown, 0);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    // ENOTDIR: a part of the path is a file; checkParent says which.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw outputError(path, thrown, 0);
  }
}

/** `, 1.2 MB are free`, where the system tells. */
function freeSpace(path: string): string {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return `, ${formatBytes(bavail * bsize)} are free`;
    } catch {
      if (folder === dirname(folder)) return '';
    }
  }
}
