/**
 * The network: stacked LSTM with full backpropagation through time, Dense heads, losses, Adam, the trainer, checkpoints and
 * sampling. Knows no files, no screen and no music.
 *
 * @module etude-lstm/nn
 */
export { DataError, EtudeError, UsageError } from '../errors.ts';
export {
  assertForward,
  cellOf,
  cellPlaces,
  headSize,
  decays,
  embeddingWidth,
  inputWidth,
  layerOutputs,
  layerWidth,
  layerWidths,
  parameterCount,
  parameterSpecs,
  targetWidth,
  validateSpec,
  type CategoricalInput,
  type HeadSpec,
  type ModelSpec,
  type NumbersLoss,
  type ParameterSpec,
} from './spec.ts';
export { glorotUniform, orthogonal, unitForgetBias } from './initializers.ts';
export { ParameterSet, type NamedArrays } from './parameters.ts';
export { initialise, initialiseInTurns } from './initialise.ts';
export { atOnce, inTurns, within, type InTurns, type Pieces } from './in-turns.ts';
export { Cell, type CellArguments, type DenseInput, type LayerInput, type SequenceShape } from './cells/cell.ts';
export {
  CELL_KINDS,
  CELLS,
  cellParameters,
  gatesOf,
  opens,
  quantitiesOf,
  type Gate,
  type Quantity,
  type CellInfo,
  type CellKind,
  type CellPlace,
  type CellTitle,
} from './cells/kinds.ts';
export { createCell } from './cells/create-cell.ts';
export { BidirectionalLayer, type Layer } from './bidirectional.ts';
export { GATES, LstmLayer } from './cells/lstm.ts';
export { Head, type HeadOptions } from './heads.ts';
export { Dropout } from './dropout.ts';
export { Network, type NetworkOptions, type TrainingResources } from './network.ts';
export type { Batch } from './batch.ts';
export { WindowDataset, type Dataset, type Streams, type Vary, type WindowBatch } from './dataset.ts';
export { SequenceDataset, type Asked } from './sequence-dataset.ts';
export { StreamDataset, type StreamOptions } from './stream-dataset.ts';
export type { Loss } from './losses/loss.ts';
export { lossOf, type OwnLosses } from './losses/loss-of.ts';
export type { Sequence } from './sequence.ts';
export { weightedLoss, type Engine, type EngineState, type StepResult } from './engine.ts';
export {
  ADAM_DEFAULTS,
  OPTIMIZER_DEFAULTS,
  OPTIMIZER_KINDS,
  type AdamSpec,
  type AdamWSpec,
  type Clipping,
  type OptimizerKind,
  type OptimizerSpec,
  type RmspropSpec,
  type SgdSpec,
} from './optimizers/spec.ts';
export { keptBy } from './optimizers/create-optimizer.ts';
export type { OptimizerState, Slot } from './optimizers/slots.ts';
export { createEngine } from './create-engine.ts';
export type { EngineChoice, EngineOptions } from './engine-options.ts';
export { estimateMemory, type MemoryEstimate } from './memory.ts';
export type { BrowserWorker } from './threads/start-thread.ts';
export type { ThreadedEngine, ThreadedEngineOptions } from './threads/threaded-engine.ts';
export { LocalEngine, type LocalEngineOptions } from './local-engine.ts';
export {
  CheckpointError,
  DisposedError,
  DivergedError,
  HighLossError,
  InputError,
  NonFiniteError,
  WorkerError,
  type NonFinitePlace,
} from './errors.ts';
export { Schedule, SCHEDULE_KINDS, type PlateauState, type ScheduleSpec, type ScheduleStart } from './schedule.ts';
export { EarlyStopping, type EarlyStoppingState } from './early-stopping.ts';
export { accuracy, meanAbsoluteError, topAccuracy } from './metrics.ts';
export { EVALUATION_BATCH, evaluateDataset } from './evaluate.ts';
export type { EpochRecord, TrainerState } from './trainer-state.ts';
export { drawOrder, fillFromOrder, planEpochs, planFor, type BatchPlace, type EpochPlan } from './epochs.ts';
export { Trainer } from './trainer.ts';
export type {
  RateJump,
  ResumeOptions,
  StepReport,
  TrainerCallbacks,
  TrainingConfig,
  TrainingResult,
} from './training-config.ts';
export { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
export type { Checkpoint, SavedModel } from './saved-model.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type NumberType,
  type NumberTypes,
  type SafeTensor,
  type SafeTensors,
} from './safetensors.ts';
export { CategoricalSampler, PLAIN_SAMPLING, validateSampling, type SamplingOptions } from './sampling.ts';
export { Stepper, WindowRunner, type Answers } from './stepper.ts';
export { foldEmbeddings, type Weights } from './fold-embeddings.ts';
export {
  checkGradients,
  numericGradient,
  randomBatch,
  type GradientCheckOptions,
  type GradientCheckRow,
} from './gradient-check.ts';
export { summarise, type SummaryDimension, type SummaryRow } from './summary.ts';
export * from './probe/index.ts';
