/**
 * MIDI files in and out, as bytes, and everything about notes that is not learning. Runs wherever JavaScript runs;
 * `node.ts` adds what reads files and folders.
 *
 * @module
 */
export { DataError, EtudeError, UsageError } from '../errors.ts';
export type { Instrument, Meter, MidiFile, Note, Problem, Timing } from './types.ts';

export { readMidi } from './read/read-midi.ts';
export type { ReadOptions } from './read/read-midi.ts';
export type { ReadLimits } from './read/limits.ts';
export type { Compat } from './read/reading.ts';
export { MidiError } from './read/midi-error.ts';
export type { MidiErrorCode } from './read/midi-error.ts';
export {
  InstrumentNotFoundError,
  chooseInstrument,
  describeInstrument,
  formatInstrumentChoice,
  parseInstrumentChoice,
} from './instruments.ts';
export type { InstrumentChoice } from './instruments.ts';
export { GENERAL_MIDI_PROGRAMS, programName, programsNamed } from './general-midi.ts';

export {
  barAfter,
  DEFAULT_METER,
  DEFAULT_TIMING,
  isMeter,
  inBeats,
  mainMeter,
  mainTempo,
  onsetsOnGrid,
  placesOf,
  PLACE_SECONDS,
  QUARTER_SECONDS,
} from './beats.ts';
export { fitChordSpread, joinChords, spreadChords, type ChordSpread } from './chords.ts';
export { fitLoudness } from './loudness.ts';
export { sustained } from './pedal.ts';
export type { Pedal } from './types.ts';
export { Keyboard, type Strike } from './keyboard.ts';
export { TICK_SECONDS } from './ticks.ts';
export { MidiWriteError, writeMidi } from './write.ts';
export type { WriteOptions } from './write.ts';
export { NotationError, notationToMidi, parseNotation, performScore, typedNotes } from './notation/index.ts';
export type { Header as ScoreHeader, Performance, Score, Section as ScoreSection } from './notation/index.ts';

export { noteTable, sliceTable, tableToNotes } from './table.ts';
export type { BarPlace, NoteEvent, NoteTable } from './table.ts';
export { enumerateWindows, windowCount } from './windows.ts';
export type { WindowPlace } from './windows.ts';

export { Codec } from './codec/codec.ts';
export type {
  CodecInputs,
  EncodeOptions,
  EncodedPiece,
  FitOptions,
  Head,
  HeadName,
  HeadValues,
  Marks,
} from './codec/codec.ts';
export { headNames, parseCodecSpec, parseCodings } from './codec/spec.ts';
export type { BeatsSpec, CodecSpec, EndsSpec, PitchCoding, TimeCoding, VelocityCoding } from './codec/spec.ts';
export { binOf, fitBins, parseBinTable } from './codec/bins.ts';
export type { BinTable } from './codec/bins.ts';

export { OTHER_INSTRUMENTS, readPiece } from './corpus/read-piece.ts';
export type { PieceReading, ReadPieceOptions } from './corpus/read-piece.ts';
export { splitByPiece } from './corpus/split.ts';
export type { Split, SplitOptions } from './corpus/split.ts';
export type { Corpus, Piece, SplitName } from './corpus/types.ts';

export { isBlackKey, noteName } from './note-names.ts';
export * from './audio/index.ts';
