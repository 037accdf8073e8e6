import { assertFinite, BROKEN_MODEL } from '../../finite.ts';
import { NO_FREQUENCIES } from '../../music/evaluation/describe.ts';
import { describeOverfitting, describeRemedies, overfittingOf } from '../../music/evaluation/overfitting.ts';
import { noBetterThanNothing } from '../../music/evaluation/quality.ts';
import { BASELINE, lossWords, standingOf, standingWords } from '../../music/evaluation/standing.ts';
import type { HeadEvaluation, Settings } from '../../music/index.ts';
import type { TrainingResult } from '../../nn/index.ts';
import { counted } from '../../text/words.ts';

/**
 * `exp` of a loss in nats: among how many equally likely classes a choice would be as hard.
 * @throws NotFiniteError when that overflows
 */
export function perplexity({ name, loss, unit }: HeadEvaluation): number | null {
  if (unit !== 'nats') return null;
  const classes = Math.exp(loss);
  assertFinite(classes, `With a loss of ${loss.toExponential(2)} nats, the perplexity of ${name}`, BROKEN_MODEL);
  return classes;
}

/** How the training ended, in a sentence. */
export function describeEnding({ reason, best, history, step }: TrainingResult): string {
  const epochs = counted(history.length, 'epoch');
  const kept = best ? `; the weights of epoch ${best.epoch} are kept` : '';
  switch (reason) {
    case 'completed':
      return `Trained for ${epochs} (${counted(step, 'step')})${kept}.`;
    case 'early stopping':
      return `Stopped early after ${epochs} (${counted(step, 'step')}), since the validation loss no longer improved${kept}.`;
    case 'max steps':
      return `Stopped after ${counted(step, 'step')}, as requested${kept}.`;
    case 'minutes':
      return `Stopped when its time was over, after ${epochs} (${counted(step, 'step')})${kept}.`;
    case 'paused':
      return `Paused after ${counted(step, 'step')}${kept}.`;
    case 'interrupted':
      return `Interrupted after ${counted(step, 'step')}${kept}.`;
  }
}

/** A run that is judged, and on which music. */
export interface Judged {
  heads: readonly HeadEvaluation[];
  music: string;
  settings: Settings;
  trainingPieces: number;
  result: Pick<TrainingResult, 'best' | 'history'>;
}

/**
 * What is said first of a run, in paragraphs: whether it beats the frequencies of its training pieces, head by head; whether it
 * overfitted; and where either is amiss, what to do.
 */
export function describeStanding({ heads, music, settings, result, trainingPieces }: Judged): string[] {
  const known = heads.some(({ baseline }) => baseline !== null);
  const judged = heads.map((head) => ({ ...head, standing: standingOf(head) }));
  const standing = known
    ? `Predicting the next note ${music}, the model ${standingWords(judged, BASELINE)}.`
    : `Losses ${music}: ${lossWords(heads)}. ${NO_FREQUENCIES}`;
  const { best, history } = result;
  const overfit = overfittingOf(history, best?.epoch ?? null);
  const learning = !overfit && (best === null || best.epoch === history.length);
  const amiss = overfit !== null || noBetterThanNothing(heads).length > 0;
  return [
    standing,
    ...(overfit ? [describeOverfitting(overfit)] : []),
    ...(amiss ? [describeRemedies(settings, { trainingPieces, learning, rising: overfit?.rising })] : []),
  ];
}
