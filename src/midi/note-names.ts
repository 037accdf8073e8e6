import { UsageError } from '../errors.ts';

const NAMES = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B'];

/**
 * The name of a MIDI key with sharps and the octave of scientific pitch notation: 60 is `C4`, 69 is `A4`, 0 is `C-1`.
 *
 * @param pitch MIDI key number, an integer from 0 to 127.
 * @throws UsageError for anything else.
 */
export function noteName(pitch: number): string {
  if (!Number.isInteger(pitch) || pitch < 0 || pitch > 127) {
    throw new UsageError(`noteName: expected a MIDI key number from 0 to 127, got ${pitch}.`);
  }
  return `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

/** Whether a MIDI key is a black one on a piano. `pitch` is an integer; the pattern repeats every 12. */
export function isBlackKey(pitch: number): boolean {
  return NAMES[((pitch % 12) + 12) % 12]?.endsWith('#') ?? false;
}
