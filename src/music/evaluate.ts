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
  WindowDataset,
} from '../nn/index.ts';
import { Random } from '../tensor/index.ts';
import { scalarBaseline, unigramBaseline } from './baseline.ts';
import { prepareTable } from './prepare-table.ts';
import type { MusicModel } from './music-model.ts';

/** How well one head predicts. */
export interface HeadEvaluation {
  name: string;
  /** Nats for categorical heads, squared units (with positive pressure) for scalar ones. */
  loss: number;
  /**
   * The loss of always giving the frequencies (or the mean) of what all windows of these pieces ask for: the best that
   * ignores what came before can do.
   */
  baseline: number;
  unit: 'nats' | 'squared error';
}

/** How well a model predicts the note after each window. */
export interface Evaluation {
  windows: number;
  loss: number;
  heads: HeadEvaluation[];
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
  const sequences = pieces.map((piece) => model.codec.encode(prepareTable(piece, model.settings)));
  const data = new WindowDataset(model.spec, sequences, model.settings.seqLength);
  const windows = Math.min(data.size, atMost);
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
    const tooShort = data.tooShort.map((index) => pieces[index].path);
    return { windows, loss, heads, tooShort, engineName: engine.name };
  } finally {
    await engine.dispose();
  }
}

function describeHeads(model: MusicModel, sequences: readonly Sequence[], losses: number[]): HeadEvaluation[] {
  return model.spec.heads.map((head, k) => {
    const targets = targetsOf(sequences, head.name, model.settings.seqLength);
    const categorical = head.kind === 'categorical';
    return {
      name: head.name,
      loss: losses[k],
      baseline: categorical ? unigramBaseline(targets, head.size) : scalarBaseline(targets),
      unit: categorical ? 'nats' : 'squared error',
    };
  });
}

/** What the windows are asked for: every note that has a whole window before it. */
function targetsOf(sequences: readonly Sequence[], head: string, seqLength: number): number[] {
  return sequences.flatMap(({ targets }) => Array.from(targets[head]).slice(seqLength));
}
