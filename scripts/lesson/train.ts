import { join } from 'node:path';
import { loadCorpus } from '../../src/midi/node.ts';
import { createTrainingRun, prepareData, resolveSettings } from '../../src/music/index.ts';
import { encodeCheckpoint, type CellKind, type EpochRecord } from '../../src/nn/index.ts';

/** The preset of the lesson's model, and what is changed of it. */
export const LESSON_PRESET = 'quick';
export const LESSON_SETTINGS = {
  hiddenSize: 32, // Fits into a picture.
  validation: 0, // The lesson looks at what was learned, so all pieces are learned from.
  dropout: 0, // The loss that training sees is then the loss that the lesson computes.
  schedule: 'cosine', // Ends at rest after a known number of steps.
  flat: 0, // Falls from the first step on.
} as const;

/** SIMD without fused multiply-add, one thread: the same arithmetic on every machine. */
export const LESSON_BACKEND = 'simd-plain';

/** A trained model as a checkpoint file without training state, and how it got there. */
export interface LessonModel {
  bytes: Uint8Array;
  history: EpochRecord[];
}

/** Trains the lesson's model on the songbook, or the same model of another cell; about a minute. */
export async function trainLessonModel(
  root: string,
  onEpoch?: (record: EpochRecord) => void,
  cell: CellKind = 'lstm',
): Promise<LessonModel> {
  const settings = resolveSettings(LESSON_PRESET, { ...LESSON_SETTINGS, cell });
  const corpus = await loadCorpus([join(root, 'data/songbook')], { minNotes: settings.seqLength + 1, workers: 0 });
  const data = prepareData(corpus, settings);
  const choice = { backend: LESSON_BACKEND, threads: 1 };
  const { engine, trainer, extra } = await createTrainingRun(data, settings, LESSON_PRESET, choice, { onEpoch });
  try {
    const { history } = await trainer.run();
    const bytes = encodeCheckpoint({ spec: data.spec, parameters: await engine.readParameters(), extra });
    return { bytes, history };
  } finally {
    await engine.dispose();
  }
}

/** The history as it is kept beside the model, in the form that Prettier leaves alone. */
export function historyText(history: readonly EpochRecord[]): string {
  return `${JSON.stringify(history, null, 2)}\n`;
}
