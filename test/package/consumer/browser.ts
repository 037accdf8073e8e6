// What a page's types say is there is there, and what only Node has is not.
import { readMidi, readPiece, type MidiFile } from 'etude-lstm';
import * as midi from 'etude-lstm/midi';

export const file = (bytes: Uint8Array): MidiFile => readMidi(bytes);
export const piece: midi.PieceReading = readPiece(new Uint8Array());

// @ts-expect-error A page has no folders.
export const { loadCorpus } = midi;
// @ts-expect-error A page has no files.
export { readMidiFile } from 'etude-lstm';
