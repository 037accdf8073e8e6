import type { Evaluation, MusicModel, WholePieces } from '../../music/index.ts';
import type { Results } from '../../music/evaluation/results.ts';
import type { PlayedFile } from '../audio-file.ts';
import type { TrainedRun } from './run-training.ts';
import type { Sample } from './sample.ts';
import type { Judged } from './verdict.ts';

/** What a run came to, after its training. */
export interface FinishedRun extends TrainedRun {
  model: MusicModel;
  evaluation: Evaluation;
  /** What the beginnings of whole pieces say; undefined where nothing was held back, or the model has no classes. */
  whole?: WholePieces;
  /** What was evaluated on, in words. */
  evaluatedOn: { side: 'validation' | 'training'; music: string };
  sample?: Sample;
  /** Some more pieces, counted and set beside people's; undefined where the music is too short for that. */
  generated?: Results['generated'];
  audio?: PlayedFile;
}

/** What is judged of a run. */
export function judged({ plan, data, result, evaluation, evaluatedOn }: FinishedRun): Judged {
  const trainingPieces = data.trainPieces.length;
  const settings = { ...plan.settings, time: data.time };
  return { heads: evaluation.heads, music: evaluatedOn.music, settings, trainingPieces, result };
}
