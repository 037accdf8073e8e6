export type { Instrument, MidiFile, Note, Problem } from './types.ts';

export { noteTable, sliceTable, tableToNotes } from './table.ts';
export type { NoteEvent, NoteTable } from './table.ts';
export { enumerateWindows, windowCount } from './windows.ts';
export type { WindowPlace } from './windows.ts';
export { MIDI_RANGE, PIANO_RANGE, augment, scaleTempo, transpose, transposeBounds } from './augment.ts';
export type { AugmentOptions, Augmented, PitchRange } from './augment.ts';

export { Codec } from './codec/codec.ts';
export type {
  CodecInputs,
  EncodeOptions,
  EncodedPiece,
  FitOptions,
  Head,
  HeadName,
  HeadValues,
} from './codec/codec.ts';
export { parseCodecSpec } from './codec/spec.ts';
export type { CodecSpec, PitchCoding, TimeCoding } from './codec/spec.ts';
export { binOf, fitBins, parseBinTable } from './codec/bins.ts';
export type { BinTable } from './codec/bins.ts';
