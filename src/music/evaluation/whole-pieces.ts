import { UsageError } from '../../errors.ts';
import type { Codec, NoteTable } from '../../midi/index.ts';
import { inTurns, within, type InTurns, type Pieces } from '../../nn/index.ts';
import { createKernels, type Kernels } from '../../tensor/index.ts';
import { canRecall, createMemory, stepSeconds } from '../drawing/recall.ts';
import {
  evaluatePieces,
  fitMemoryPieces,
  type FittingPiece,
  type HeadNats,
  type MemoryFit,
  type PieceClasses,
} from '../memory/index.ts';
import type { MusicModel } from '../music-model.ts';
import { noteEvents } from '../prepare.ts';
import { gridNats } from './common-grid.ts';
import { ModelSource } from './model-source.ts';

/** How whole pieces are read. */
export interface WholePiecesOptions extends InTurns {
  /** Notes of each piece, from its beginning; all unless given. */
  notes?: number;
  /** How strongly the memory speaks: 1 as fitted (unless given), 0 not at all. */
  recall?: number;
  /** The reference unless given. */
  kernels?: Kernels;
}

/** What reading pieces from beginning to end says of a model: each note predicted from all before it. */
export interface WholePieces {
  pieces: number;
  notes: number;
  /** In the order of drawing; nats a note, without the memory and with it, and by position. */
  heads: HeadNats[];
  /** What a class of time leaves open on a grid of 10 ms, in nats a note; see `gridNats`. */
  grid: number;
}

/**
 * Evaluates a model over whole pieces, its state carried, with and without a memory of each piece's own past. The memory is
 * mixed in only where its strength is not 0.
 * @throws UsageError when the model predicts numbers where there should be classes
 */
export async function evaluateWholePieces(
  model: MusicModel,
  tables: readonly NoteTable[],
  { notes = Infinity, recall = 1, kernels, ...turns }: WholePiecesOptions = {},
): Promise<WholePieces> {
  const { codec } = model;
  assertClasses(codec);
  const cut = tables.map((table) => Math.min(table.length, notes));
  const source = new ModelSource(model, tables.map((table, index) => noteEvents(table, cut[index])), kernels); // prettier-ignore
  const memory = recall > 0 ? createMemory(model, { recall }, kernels) : undefined;
  const heads = codec.heads.filter(({ kind }) => kind === 'categorical').map(({ name }) => name);
  const pieces = tables.map((table, index) => classesOf(codec, table, cut[index]));
  try {
    const result = await inTurns(evaluatePieces({ pieces, heads, source, memory }), turns);
    return { pieces: tables.length, notes: result.heads[0].notes, heads: result.heads, grid: gridNats(codec, tables) };
  } finally {
    memory?.dispose();
  }
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
  const chosen = Array.from({ length: Math.min(FIT_PIECES, tables.length) }, (_, index) => {
    return tables[Math.floor((index * tables.length) / Math.min(FIT_PIECES, tables.length))];
  });
  const pieces: FittingPiece[] = [];
  for (const table of chosen) {
    pieces.push(whatIsSaid(model, table, states, kernels));
    yield (ASKING * pieces.length) / chosen.length;
  }
  const heads = codec.heads.filter(({ kind }) => kind === 'categorical');
  const options = {
    heads,
    stepSeconds: stepSeconds(codec),
    ...(states && { keys: { kernels, width: spec.lstm.hiddenSize } }),
  };
  return yield* within(fitMemoryPieces(pieces, options), ASKING, 1);
}

/** The probabilities of what came at each note of a piece, and the states after it. */
function whatIsSaid(model: MusicModel, table: NoteTable, states: boolean, kernels: Kernels): FittingPiece {
  const { codec, spec } = model;
  const notes = Math.min(table.length, FIT_NOTES);
  const source = new ModelSource(model, [noteEvents(table, notes)], kernels);
  const heads = codec.heads.filter(({ kind }) => kind === 'categorical').map(({ name }) => name);
  const classes = classesOf(codec, table, notes);
  const probabilities = Object.fromEntries(heads.map((name) => [name, new Float64Array(notes)]));
  const { hiddenSize } = spec.lstm;
  const kept = states ? new Float32Array(notes * hiddenSize) : undefined;
  source.start(0);
  for (let t = 0; t < notes; t++) {
    if (t > 0) {
      const drawn: Partial<Record<string, number>> = {};
      for (const name of heads) {
        const actual = classes[name]![t];
        probabilities[name][t] = source.probabilities(name, drawn)[actual];
        drawn[name] = actual;
      }
    }
    source.feed(t);
    kept?.set(source.state, t * hiddenSize);
  }
  return { classes, probabilities, ...(kept && { states: kept }) };
}

function classesOf(codec: Codec, table: NoteTable, notes: number): PieceClasses {
  const { targets } = codec.encode(table);
  const columns = codec.heads.flatMap(({ name, kind }) => kind === 'categorical' ? [[name, Array.from(targets[name]).slice(0, notes)] as const] : []); // prettier-ignore
  return Object.fromEntries(columns) as unknown as PieceClasses;
}

function assertClasses(codec: Codec): void {
  if (canRecall(codec)) return;
  throw new UsageError(
    'This model predicts times as numbers, and squared errors are no nats; whole pieces are evaluated with classes (--step bins --duration bins).',
  );
}
