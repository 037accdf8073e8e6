/**
 * What most programs need, from all parts: a model of sequences in one call; read MIDI, train, generate, write. Runs in Node and in browsers; in Node there is
 * more, see `node.ts`. Each part has more to offer by itself: `etude-lstm/nn`, `/tensor`, `/midi`, `/music`, `/gpu`.
 *
 * @module
 */
export { DataError, EtudeError, UsageError } from './errors.ts';
export {
  fit,
  FittedModel,
  loadModel,
  type Component,
  type FitEpoch,
  type FitOptions,
  type Metrics,
  type Prediction,
  type Stream,
} from './fit/index.ts';
export { createKernels, loadKernels, Random, type Kernels } from './tensor/index.ts';
export {
  ADAM_DEFAULTS,
  CategoricalSampler,
  createEngine,
  decodeCheckpoint,
  encodeCheckpoint,
  PLAIN_SAMPLING,
  Stepper,
  Trainer,
  WindowDataset,
  type Batch,
  type Checkpoint,
  type Engine,
  type EngineChoice,
  type EngineOptions,
  type ModelSpec,
  type SamplingOptions,
  type Sequence,
  type StepReport,
  type TrainerCallbacks,
  type TrainingConfig,
  type TrainingResult,
} from './nn/index.ts';
export {
  chooseInstrument,
  encodeWav,
  MidiError,
  noteTable,
  readMidi,
  readPiece,
  renderAudio,
  tableToNotes,
  writeMidi,
  type Corpus,
  type Instrument,
  type MidiFile,
  type Note,
  type NoteEvent,
  type NoteTable,
  type Piece,
  type Problem,
} from './midi/index.ts';
export {
  createTrainingRun,
  evaluateModel,
  fineTuningSettings,
  generateNotes,
  midiOf,
  musicModel,
  prepareData,
  PRESETS,
  primerFromText,
  resolveSettings,
  type DrawnNote,
  type GeneratedMusic,
  type GenerateOptions,
  type MusicModel,
  type PreparedData,
  type Settings,
  type TrainingRun,
} from './music/index.ts';
