import { assertFinite, BROKEN_MODEL } from '../../finite.ts';
import type { HeadEvaluation } from '../../music/index.ts';
import type { TrainingResult } from '../../nn/index.ts';
import { counted } from '../../words.ts';

/** MIDI's keys. */
const PITCHES = 128;

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

/** What a model was asked about. */
export interface Asked {
  heads: readonly HeadEvaluation[];
  windows: number;
  /** Of which music: `of 3 pieces that it was not trained on`. */
  music: string;
}

/** How good a model is, in a few plain sentences with numbers. */
export function describeQuality({ heads, windows, music }: Asked): string {
  const pitch = heads.find(({ name, unit }) => name === 'pitch' && unit === 'nats');
  if (!pitch || !Number.isFinite(pitch.loss)) return '';
  const asked = `Asked for the next note at ${counted(windows, 'place')} ${music}, it`;
  const { loss, baseline } = pitch;
  const losses = `(Loss ${loss.toFixed(3)}${baseline === null ? '' : ` against ${baseline.toFixed(3)}`} nats.)`;
  // The exponential of such a loss is a number of keys that no keyboard has.
  if (loss > Math.log(PITCHES)) {
    return `${asked} does worse than a blind guess among all ${PITCHES} keys: nothing was learned that holds there. ${losses}`;
  }
  const unsure = `${asked} is as unsure of the pitch as among ${Math.exp(loss).toFixed(1)} equally likely keys`;
  if (baseline === null) {
    return `${unsure}. ${losses} How often each key is struck in the music that it learned from is not in this model, which is of an earlier version.`;
  }
  const blind = Math.exp(baseline).toFixed(1);
  const verdict =
    loss < baseline - 0.005
      ? `knowing only how often each key is struck in the music that it learned from would leave ${blind}`
      : `that is no better than knowing only how often each key is struck in the music that it learned from (${blind})`;
  return `${unsure}; ${verdict}. ${losses}`;
}
