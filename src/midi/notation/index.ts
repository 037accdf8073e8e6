import { writeMidi } from '../write.ts';
import { parseNotation } from './parse.ts';
import { performScore } from './perform.ts';

export { NotationError } from './notation-error.ts';
export { parseNotation } from './parse.ts';
export { performScore, type Performance } from './perform.ts';
export { typedNotes } from './typed.ts';
export type { Bar, Header, Key, Meter, Score, Section, VoiceDeclaration, WrittenNote } from './score.ts';

/**
 * A text in Etude's notation to a MIDI file of one instrument, with the score's own tempo, meter and key.
 *
 * @throws NotationError with the line and the column of the first thing that is wrong
 */
export function notationToMidi(text: string): Uint8Array {
  const { instruments, options } = performScore(parseNotation(text));
  return writeMidi(instruments, options);
}
