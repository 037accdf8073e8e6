import { assertFinite, BROKEN_MODEL } from '../../finite.ts';
import { noBetterThanNothing } from '../../music/evaluation/quality.ts';
import type { HeadEvaluation, Settings } from '../../music/index.ts';
import type { TrainingResult } from '../../nn/index.ts';
import { counted, inWords } from '../../text/words.ts';

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
    case 'interrupted':
      return `Interrupted after ${counted(step, 'step')}${kept}.`;
  }
}

/** A run that is judged, and on which music. */
export interface Judged {
  heads: readonly HeadEvaluation[];
  music: string;
  settings: Settings;
  result: Pick<TrainingResult, 'best' | 'history'>;
}

/** Says that a run came to nothing, with what to do; undefined where it came to something. */
export function describeNothing({ heads, music, settings, result }: Judged): string | undefined {
  const failed = noBetterThanNothing(heads);
  if (failed.length === 0) return undefined;
  const figures = failed.map(
    ({ name, loss, baseline }) => `${name} ${loss.toFixed(3)} against ${baseline!.toFixed(3)}`,
  );
  const stillLearning = result.best === null || result.best.epoch === result.history.length;
  const remedies = [
    ...(stillLearning ? ['train longer, since it was still learning'] : []),
    'more music helps most',
    ...(settings.transpose === 0 && settings.instrument !== 'drums' ? ['every key (--transpose 6)'] : []),
    ...(settings.dropout < 0.5 ? [`more dropout (--dropout ${settings.dropout < 0.3 ? 0.3 : 0.5})`] : []),
    ...(settings.hiddenSize > 32 ? [`fewer units (--hidden-size ${Math.max(16, settings.hiddenSize >> 1)})`] : []),
  ];
  return (
    `No better than knowing nothing: ${music}, always giving the frequencies of the training pieces predicts ` +
    `${inWords(
      failed.map(({ name }) => name),
      'and',
    )} as well (${figures.join('; ')}). What to do: ${remedies.join(', then ')}.`
  );
}
