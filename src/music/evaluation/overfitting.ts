import type { EpochRecord } from '../../nn/index.ts';
import { digits } from '../../text/numbers.ts';
import { counted } from '../../text/words.ts';
import type { Settings } from '../settings.ts';

/** What of the settings decides what can still be done against overfitting. */
export type Regularisation = Pick<
  Settings,
  'transpose' | 'tempo' | 'time' | 'instrument' | 'dropout' | 'hiddenSize' | 'patience'
>;

/** A training loss below this part of the validation loss is far below it: its epoch mean lags behind, so the truth is farther still. */
const FAR_BELOW = 0.8;
/** A validation loss has risen when it is so much above its best. */
const RISEN = 1.01;
/** Epochs since the best after which a rise is no accident. */
const LONG_AGO = 2;

/**
 * How a run overfitted: the losses of the epoch whose weights were kept and of the last. `rising`: since then the training loss fell
 * while the validation loss rose; `far`: the kept weights already predict the training music far better than the held-out music.
 */
export interface Overfitting {
  rising: boolean;
  far: boolean;
  kept: EpochRecord;
  last: EpochRecord;
}

/** What a history says of overfitting; null where there is no sign of it, or no validation. */
export function overfittingOf(history: readonly EpochRecord[], keptEpoch: number | null): Overfitting | null {
  const last = history.at(-1);
  const kept = history.find(({ epoch }) => epoch === keptEpoch) ?? last;
  if (!kept?.validation || !last?.validation) return null;
  const rising =
    last.epoch - kept.epoch >= LONG_AGO && last.loss < kept.loss && last.validation.loss > RISEN * kept.validation.loss;
  const far = kept.loss < FAR_BELOW * kept.validation.loss;
  return rising || far ? { rising, far, kept, last } : null;
}

/** Names the overfitting of a run, with its numbers. */
export function describeOverfitting({ rising, far, kept, last }: Overfitting): string {
  const gap = `the training loss is ${digits(kept.loss)} where the validation loss is ${digits(kept.validation!.loss)}`;
  const since =
    `after epoch ${kept.epoch} the validation loss rose from ${digits(kept.validation!.loss)} to ${digits(last.validation!.loss)} ` +
    `while the training loss fell from ${digits(kept.loss)} to ${digits(last.loss)}`;
  const signs = [...(far ? [`at epoch ${kept.epoch} ${gap}`] : []), ...(rising ? [since] : [])];
  return `Overfitting: ${signs.join('; ')}.`;
}

/** What a run was like, for advice. */
export interface Situation {
  trainingPieces: number;
  /** Its validation loss was still falling. */
  learning?: boolean;
  /** It had risen for long. */
  rising?: boolean;
}

/** What helps a model to predict music that it has not seen, the most useful first: what its run did not do yet. */
export function describeRemedies(settings: Regularisation, { trainingPieces, learning, rising }: Situation): string {
  const { transpose, tempo, time, instrument, dropout, hiddenSize, patience } = settings;
  const remedies = [
    ...(learning ? ['train longer, since it was still learning'] : []),
    `train on more music (it had ${counted(trainingPieces, 'piece')})`,
    ...(transpose === 0 && instrument !== 'drums' ? ['transpose it (--transpose 6)'] : []),
    ...(tempo === 0 && time === 'seconds' ? ['vary its tempo (--tempo 0.1)'] : []),
    ...(dropout < 0.5 ? [`use more dropout (--dropout ${dropout < 0.3 ? 0.3 : 0.5})`] : []),
    ...(typeof hiddenSize === 'number' && hiddenSize > 32
      ? [`use fewer units (--hidden-size ${Math.max(16, hiddenSize >> 1)})`]
      : []),
    ...(rising && patience === null ? ['stop early (--patience 5)'] : []),
  ];
  return `What to do, the most useful first: ${remedies.join('; ')}.`;
}
