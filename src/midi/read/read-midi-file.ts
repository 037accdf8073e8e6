import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../errors.ts';
import type { MidiFile } from '../types.ts';
import { MidiError } from './midi-error.ts';
import { checkedLimits, tooLarge } from './limits.ts';
import { readMidi, type ReadOptions } from './read-midi.ts';

/**
 * Reads a MIDI file from disk; see {@link readMidi}.
 * @throws MidiError with the path in front of its message. Codes for the disk: `not-found`, `is-directory`,
 * `not-a-file` (a device, a pipe), `not-readable`
 */
export function readMidiFile(path: string, options: ReadOptions = {}): MidiFile {
  const { maxBytes } = checkedLimits(options);
  try {
    return readMidi(readBytes(path, maxBytes), options);
  } catch (thrown) {
    if (thrown instanceof MidiError && thrown.path === undefined) {
      throw new MidiError(thrown.code, `${path}: ${thrown.message}`, { path, cause: thrown });
    }
    throw thrown;
  }
}

function readBytes(path: string, maxBytes: number): Uint8Array {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new MidiError('is-directory', `${path} is a folder; a MIDI file was expected. Name a file in it.`, {
        path,
      });
    }
    if (!stat.isFile()) {
      throw new MidiError('not-a-file', `${path} is a device or a pipe; a MIDI file on disk was expected.`, { path });
    }
    if (stat.size > maxBytes) throw tooLarge(stat.size, maxBytes);
    return readFileSync(path);
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
