import { counted } from '../../text/words.ts';
import type { HeadEvaluation } from '../evaluate.ts';
import { standingOf } from './standing.ts';

/** MIDI's keys. */
const PITCHES = 128;

/** What a model was asked about. */
export interface Asked {
  heads: readonly HeadEvaluation[];
  windows: number;
  /** Of which music: `of 3 pieces that it was not trained on`. */
  music: string;
}

/**
 * The heads that the kept weights predict no better than who knows nothing but the frequencies of the training pieces. Where these
 * say nearly everything, as of drums that all have one length, there is nothing to learn.
 */
export function noBetterThanNothing(heads: readonly HeadEvaluation[]): HeadEvaluation[] {
  return heads.filter((head) => standingOf(head) === 'no better');
}

/** How good a model is, in a few plain sentences with numbers. */
export function describeQuality({ heads, windows, music }: Asked): string {
  const pitch = heads.find(({ name, unit }) => name === 'pitch' && unit === 'nats');
  if (!pitch || !Number.isFinite(pitch.loss)) return '';
  const asked = `Predicting the next note at ${counted(windows, 'place')} ${music}, it`;
  const { loss, baseline } = pitch;
  const losses = `(Loss ${loss.toFixed(3)}${baseline === null ? '' : ` against ${baseline.toFixed(3)}`} nats.)`;
  // The exponential of such a loss is a number of keys that no keyboard has.
  if (loss > Math.log(PITCHES)) {
    return `${asked} does worse than a blind guess among all ${PITCHES} keys: nothing was learned that holds there. ${losses}`;
  }
  const unsure = `${asked} is as uncertain of the pitch as among ${Math.exp(loss).toFixed(1)} equally likely keys`;
  if (baseline === null) return `${unsure}. ${losses}`;
  const blind = Math.exp(baseline).toFixed(1);
  const verdict =
    standingOf(pitch) !== 'no better'
      ? `knowing only how often each key is struck in its training music would leave ${blind}`
      : `that is no better than knowing only how often each key is struck in its training music (${blind})`;
  return `${unsure}; ${verdict}. ${losses}`;
}
