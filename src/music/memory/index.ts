/**
 * A memory of the piece's own past, mixed into what a model says. Knows nothing of networks.
 *
 * @module
 */
export { MEMORY_WINDOW, PieceMemory, type Origin, type PieceMemoryOptions } from './piece-memory.ts';
export type { KeyStore } from './keys.ts';
export type { NoteClasses } from './trail.ts';
export {
  MATCH_PARAMETERS,
  needsStates,
  parseMemoryParameters,
  STATE_PARAMETERS,
  type HeadMemory,
  type MemoryParameters,
  type VoteWeights,
} from './parameters.ts';
export { GENERATION_RECALL, type RecallOptions } from './recall-options.ts';
export { fitMemory, fitMemoryPieces, type FitOptions, type FittingPiece, type MemoryFit } from './fit.ts';
export {
  evaluatePieces,
  type EvaluatePiecesOptions,
  type HeadNats,
  type Nats,
  type NoteSource,
  type PiecesEvaluation,
  POSITIONS,
} from './evaluate-pieces.ts';
export type { PieceClasses } from './piece-classes.ts';
