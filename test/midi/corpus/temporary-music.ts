import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Note } from '../../../src/midi/types.ts';
import { writeMidi } from '../../../src/midi/write.ts';

/** A folder under the system's temporary one, to be filled by a test and removed after it. */
export class TemporaryMusic {
  readonly root = mkdtempSync(join(tmpdir(), 'etude-corpus-'));

  /** The path of a name inside. */
  at(name: string): string {
    return join(this.root, name);
  }

  /** Writes a file, folders included, and returns its path. */
  put(name: string, content: Uint8Array | string): string {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A MIDI file with one instrument for each list of pitches: quarter notes at 120 beats a minute. */
export function midiBytes(...instruments: number[][]): Uint8Array {
  return midiOfNotes(
    ...instruments.map((pitches) =>
      pitches.map((pitch, i) => ({ pitch, velocity: 80, start: i / 2, end: i / 2 + 0.5 })),
    ),
  );
}

/** A MIDI file with one instrument for each list of notes. */
export function midiOfNotes(...instruments: Note[][]): Uint8Array {
  return writeMidi(instruments.map((notes, program) => ({ program, isDrum: false, name: '', notes })));
}

/** The same music as an .rmi file: RIFF, its size, RMID, a data chunk with the file inside. */
export function inRiff(midi: Uint8Array): Uint8Array {
  const even = midi.length + (midi.length % 2);
  const bytes = Buffer.alloc(20 + even);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(12 + even, 4);
  bytes.write('RMIDdata', 8, 'latin1');
  bytes.writeUInt32LE(midi.length, 16);
  bytes.set(midi, 20);
  return bytes;
}
