import { assertFinite, BROKEN_MODEL } from '../finite.ts';
import type { Piece } from '../midi/index.ts';
import {
  ADAM_DEFAULTS,
  createEngine,
  EVALUATION_BATCH,
  evaluateDataset,
  weightedLoss,
  type EngineChoice,
  type Sequence,
} from '../nn/index.ts';
import { Random } from '../tensor/index.ts';
import { canRecall } from './drawing/recall.ts';
import { gridNats, noteNats, type NoteNats } from './evaluation/common-grid.ts';
import { guessOf } from './evaluation/standing.ts';
import { baselinesOf, datasetOf, judgedFrom, marksFor } from './prepare.ts';
import { prepareTable } from './prepare-table.ts';
import type { MusicModel } from './music-model.ts';

/** How well one head predicts. */
export interface HeadEvaluation {
  name: string;
  /**
   * Nats for categorical heads, squared units (with positive pressure) for scalar ones. A head that reads others is told what
   * they should have said: its loss is that of its part of the note, given those before.
   */
  loss: number;
  /**
   * What always giving the frequencies (or the mean) of the training pieces costs on the same notes; null of a model that does not
   * know them, from an earlier version.
   */
  baseline: number | null;
  unit: 'nats' | 'squared error';
  /** What guessing blindly among all classes costs; absent of numbers. */
  guess?: number;
}

/** How well a model predicts the note after each window. */
export interface Evaluation {
  windows: number;
  loss: number;
  heads: HeadEvaluation[];
  /** What a whole note costs, and by the frequencies of the training pieces; null where its times are numbers: squared errors are no nats. */
  note: { loss: NoteNats; baseline: NoteNats | null } | null;
  /** The paths of the pieces into which no window fits. */
  tooShort: string[];
  /** What ran it. */
  engineName: string;
}

/** From so many windows on it pays to find out which build of the kernels is the fastest. */
const MANY_WINDOWS = 2_000;

/**
 * Evaluates a model on pieces.
 * @param atMost runs no more windows than this, evenly spaced; all of them unless given
 * @throws DataError when no window fits into any of them; NotFiniteError when a loss is not finite
 */
export async function evaluateModel(
  model: MusicModel,
  pieces: readonly Piece[],
  choice: EngineChoice,
  atMost = Infinity,
): Promise<Evaluation> {
  const tables = pieces.map((piece) => prepareTable(piece, model.settings));
  const { before = 0 } = marksFor(model.codec, model.settings);
  const sequences = tables.map((table) => model.codec.encode(table, { before }));
  const data = datasetOf(model.spec, sequences, model.settings);
  const windows = data.streams ? data.streams.toJudge(1, atMost).length : Math.min(data.size, atMost);
  const engine = await createEngine(model.spec, {
    ...choice,
    brief: windows < MANY_WINDOWS,
    optimizer: ADAM_DEFAULTS,
    batchSize: EVALUATION_BATCH,
    steps: model.settings.seqLength,
    dropout: Random.stream(0, 'dropout'),
  });
  try {
    await engine.writeParameters(model.parameters);
    const losses = await evaluateDataset(engine, data, atMost);
    const loss = weightedLoss(model.spec, losses);
    const heads = describeHeads(model, sequences, losses);
    assertFinite({ heads, loss }, 'The evaluation', BROKEN_MODEL);
    const open = gridNats(model.codec, tables, { from: judgedFrom(model.settings) - before });
    const note = canRecall(model.codec) ? noteOf(heads, open) : null;
    const tooShort = data.tooShort.map((index) => pieces[index].path);
    return { windows, loss, heads, note, tooShort, engineName: engine.name };
  } finally {
    await engine.dispose();
  }
}

function describeHeads(model: MusicModel, sequences: readonly Sequence[], losses: number[]): HeadEvaluation[] {
  const { spec, settings, frequencies } = model;
  const baselines = frequencies && baselinesOf(frequencies, sequences, judgedFrom(settings));
  return spec.heads.map((head, k) => ({
    name: head.name,
    loss: losses[k],
    baseline: baselines?.[head.name] ?? null,
    unit: head.kind === 'categorical' ? 'nats' : 'squared error',
    ...guessOf(head),
  }));
}

/** The parts of a note together; a number, which loudness may be, has no nats. */
function noteOf(heads: readonly HeadEvaluation[], open: number): Evaluation['note'] {
  const parts = heads.filter(({ unit }) => unit === 'nats');
  const sum = (of: (head: HeadEvaluation) => number): number => parts.reduce((total, head) => total + of(head), 0);
  const known = parts.every(({ baseline }) => baseline !== null);
  return {
    loss: noteNats(sum(({ loss }) => loss), open), // prettier-ignore
    baseline: known ? noteNats(sum(({ baseline }) => baseline ?? 0), open) : null, // prettier-ignore
  };
}
