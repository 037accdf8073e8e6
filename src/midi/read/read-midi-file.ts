import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import type { MidiFile } from '../types.ts';
import { MidiError } from './midi-error.ts';
import { diskPath, pathsLike } from './disk-path.ts';
import { checkedLimits, tooLarge } from './limits.ts';
import { readMidi, type ReadOptions } from './read-midi.ts';

/**
 * Reads a MIDI file from disk; see {@link readMidi}.
 * @throws MidiError with the path in front of its message. Codes for the disk: `not-found`, `is-directory`,
 * `not-a-file` (a device, a pipe), `not-readable`
 */
export function readMidiFile(path: string, options: ReadOptions = {}): MidiFile {
  return readMidiAt(path, options).file;
}

/**
 * The same, with the bytes.
 * @throws as {@link readMidiFile}
 */
export function readMidiAt(path: string, options: ReadOptions = {}): { file: MidiFile; bytes: Uint8Array } {
  const { maxBytes } = checkedLimits(options);
  try {
    const bytes = readBytes(path, maxBytes);
    return { file: readMidi(bytes, options), bytes };
  } catch (thrown) {
    if (thrown instanceof MidiError && thrown.path === undefined) {
      throw new MidiError(thrown.code, `${path}: ${thrown.message}`, { path, cause: thrown });
    }
    throw thrown;
  }
}

function readBytes(path: string, maxBytes: number): Uint8Array {
  try {
    // The command line puts U+FFFD for bytes that are no UTF-8.
    const [alike = path] = pathsLike(path);
    const onDisk = diskPath(alike);
    const stat = statSync(onDisk);
    if (stat.isDirectory()) {
      throw new MidiError('is-directory', `${path} is a folder; a MIDI file was expected. Name a file in it.`, {
        path,
      });
    }
    if (!stat.isFile()) {
      throw new MidiError('not-a-file', `${path} is a device or a pipe; a MIDI file on disk was expected.`, { path });
    }
    if (stat.size > maxBytes) throw tooLarge(stat.size, maxBytes);
    return readFileSync(onDisk);
  } catch (thrown) {
    throw thrown instanceof MidiError ? thrown : diskError(path, thrown);
  }
}

function diskError(path: string, thrown: unknown): MidiError {
  const code = (thrown as { code?: unknown } | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new MidiError('not-found', `${path}: there is no such file. Check the path.`, { path, cause: thrown });
  }
  const hint =
    code === 'EACCES' || code === 'EPERM' ? 'You may not read it: check its permissions.' : messageOf(thrown);
  return new MidiError('not-readable', `${path} cannot be read. ${hint}`, { path, cause: thrown });
}
