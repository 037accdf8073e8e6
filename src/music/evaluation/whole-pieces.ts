import { UsageError } from '../../errors.ts';
import { evenly } from '../../evenly.ts';
import { assertFinite, BROKEN_MODEL } from '../../finite.ts';
import type { Codec, HeadName, NoteTable } from '../../midi/index.ts';
import { inTurns, within, type InTurns, type Pieces } from '../../nn/index.ts';
import { createKernels, type Kernels } from '../../tensor/index.ts';
import { classHeads } from '../drawing/note-classes.ts';
import { canRecall, createMemory, stepSeconds } from '../drawing/recall.ts';
import {
  evaluatePieces,
  fitMemoryPieces,
  type FittingPiece,
  type HeadNats,
  type MemoryFit,
  type Nats,
  type PieceClasses,
} from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';
import { gridNats } from './common-grid.ts';
import { baselineOf } from './frequencies.ts';
import { ModelSource } from './model-source.ts';

/** How whole pieces are read. */
export interface WholePiecesOptions extends InTurns {
  /** Notes of each piece, from its beginning; all unless given. */
  notes?: number;
  /** How strongly the memory speaks: 1 as fitted (unless given), 0 not at all; then there is nothing of it in the result. */
  recall?: number;
  /** The reference unless given. */
  kernels?: Kernels;
}

/** What reading pieces from beginning to end says of a model: each note predicted from all before it. */
export interface WholePieces {
  pieces: number;
  notes: number;
  /** In the order of drawing; nats a note, without the memory and with it, and by position. */
  heads: WholeHead[];
  /** The same of whole notes: the heads added up. */
  note: Omit<WholeHead, 'name'>;
  /** What a class of time leaves open on a grid of 10 ms, in nats a note; see `gridNats`. */
  grid: number;
}

/** How well a head is predicted in whole pieces, each part of a note knowing those that are drawn before it. */
export interface WholeHead extends HeadNats {
  /** What always giving the frequencies of the training pieces costs; null of a model that does not know them. */
  baseline: number | null;
}

/**
 * Evaluates a model over whole pieces, its state carried, with and without a memory of each piece's own past. The memory is
 * mixed in only where its strength is not 0.
 * @throws UsageError when the model predicts numbers where there should be classes, or no piece has two notes; NotFiniteError when a loss is not finite
 */
export async function evaluateWholePieces(
  model: MusicModel,
  tables: readonly NoteTable[],
  { notes = Infinity, recall = 1, kernels, ...turns }: WholePiecesOptions = {},
): Promise<WholePieces> {
  const { codec } = model;
  assertClasses(codec);
  const cut = tables.map((table) => Math.min(table.length, notes));
  if (!cut.some((length) => length > 1)) {
    throw new UsageError('evaluateWholePieces: expected a piece of two notes at least.');
  }
  const source = new ModelSource(model, tables, kernels);
  const memory = recall > 0 ? createMemory(model, { recall }, kernels) : undefined;
  const heads = classHeads(codec);
  const pieces = tables.map((table, index) => classesOf(codec, table, cut[index]));
  try {
    const result = await inTurns(evaluatePieces({ pieces, heads, source, memory }), turns);
    const known = result.heads.map((head) => ({ ...head, baseline: baselineIn(model, head.name, pieces) }));
    assertFinite(known, 'The evaluation', BROKEN_MODEL);
    const grid = gridNats(codec, tables, { to: notes });
    return { pieces: tables.length, notes: known[0].notes, heads: known, note: addUp(known), grid };
  } finally {
    memory?.dispose();
  }
}

function baselineIn({ frequencies }: MusicModel, name: HeadName, pieces: readonly PieceClasses[]): number | null {
  function* targets(): Generator<number> {
    for (const { [name]: classes = [] } of pieces) for (let t = 1; t < classes.length; t++) yield classes[t];
  }
  return frequencies ? baselineOf(frequencies[name], targets()) : null;
}

function addUp(heads: readonly WholeHead[]): WholePieces['note'] {
  const sumOf = (parts: readonly Nats[]): Nats => ({
    notes: parts[0].notes,
    model: parts.reduce((sum, { model }) => sum + model, 0),
    ...(parts[0].memory !== undefined && { memory: parts.reduce((sum, { memory = 0 }) => sum + memory, 0) }),
  });
  const baselines = heads.flatMap(({ baseline }) => baseline ?? []);
  return {
    ...sumOf(heads),
    baseline: baselines.length === heads.length ? baselines.reduce((sum, each) => sum + each, 0) : null,
    positions: heads[0].positions.map(({ from, to }, k) => ({ from, to, ...sumOf(heads.map(({ positions }) => positions[k])) })), // prettier-ignore
  };
}

/** How a memory is fitted to a model. */
export interface FitMemoryOptions extends InTurns {
  kernels?: Kernels;
  /** Whether it compares states of the network beside what was played: better for likelihoods, slower in long pieces. */
  states?: boolean;
}

/** Pieces and notes that a fit looks at: enough that more change nothing, few enough for a minute. */
const FIT_PIECES = 26;
const FIT_NOTES = 1_500;
/** The part of a fit in which the model is asked what it says. */
const ASKING = 0.2;

/**
 * Fits the dozen numbers of a memory to a model on pieces that it was not trained on.
 * @throws UsageError when there are no pieces, or the model predicts numbers where there should be classes
 */
export function fitMemoryFor(
  model: MusicModel,
  tables: readonly NoteTable[],
  { kernels, states = false, ...turns }: FitMemoryOptions = {},
): Promise<MemoryFit> {
  assertClasses(model.codec);
  return inTurns(fitting(model, tables, states, kernels ?? createKernels('reference')), turns);
}

function* fitting(
  model: MusicModel,
  tables: readonly NoteTable[],
  states: boolean,
  kernels: Kernels,
): Pieces<MemoryFit> {
  const { codec, spec } = model;
  const chosen = evenly(tables, FIT_PIECES);
  const source = new ModelSource(model, chosen, kernels);
  const pieces: FittingPiece[] = [];
  for (const [index, table] of chosen.entries()) {
    source.start(index);
    const classes = classesOf(codec, table, FIT_NOTES);
    pieces.push(yield* within(whatIsSaid(model, source, classes, states), ASKING * index / chosen.length, ASKING * (index + 1) / chosen.length)); // prettier-ignore
  }
  const heads = codec.heads.filter(({ kind }) => kind === 'categorical');
  const options = {
    heads,
    stepSeconds: stepSeconds(codec),
    ...(states && { keys: { kernels, width: spec.lstm.hiddenSize } }),
  };
  return yield* within(fitMemoryPieces(pieces, options), ASKING, 1);
}

/** Notes between two pauses. */
const PIECE_OF_WORK = 64;

/** The probabilities of what came at each note of a piece that the source has begun, and the states after it. */
function* whatIsSaid(
  { codec, spec }: MusicModel,
  source: ModelSource,
  classes: PieceClasses,
  states: boolean,
): Pieces<FittingPiece> {
  const notes = classes.pitch.length;
  const heads = classHeads(codec);
  const probabilities = Object.fromEntries(heads.map((name) => [name, new Float64Array(notes)]));
  const { hiddenSize } = spec.lstm;
  const kept = states ? new Float32Array(notes * hiddenSize) : undefined;
  for (let t = 0; t < notes; t++) {
    if (t > 0) {
      for (const name of heads) probabilities[name][t] = source.probabilities(name)[classes[name]![t]];
    }
    source.feed(t);
    kept?.set(source.state, t * hiddenSize);
    if (t % PIECE_OF_WORK === 0) yield t / notes;
  }
  return { classes, probabilities, ...(kept && { states: kept }) };
}

function classesOf(codec: Codec, table: NoteTable, notes: number): PieceClasses {
  const { targets } = codec.encode(table);
  const columns = classHeads(codec).map((name) => [name, Array.from(targets[name]).slice(0, notes)] as const);
  return Object.fromEntries(columns) as unknown as PieceClasses;
}

function assertClasses(codec: Codec): void {
  if (canRecall(codec)) return;
  throw new UsageError(
    'This model predicts times as numbers, and squared errors are no nats; whole pieces are evaluated with classes (--step bins --duration bins).',
  );
}
