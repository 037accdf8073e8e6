import type { HeadSpec } from '../../nn/index.ts';
import { digits, gainPercent } from '../../text/numbers.ts';
import { inWords } from '../../text/words.ts';
import { headName } from '../head-words.ts';

/** A loss beside what knowing only frequencies (or a mean) costs on the same notes. */
export interface Compared {
  name: string;
  loss: number;
  /** null where it is not known. */
  baseline: number | null;
  unit: 'nats' | 'squared error';
  /** What guessing blindly among all classes costs, of classes: frequencies of other music can cost more than that. */
  guess?: number;
}

/** What models are held against, in words. */
export const BASELINE = 'the frequencies of the training music';

/** How a head does beside its baseline; `unclear` where the notes are too few to tell. */
export type Standing = 'better' | 'unclear' | 'no better' | 'nothing to predict' | 'unknown';

/** Nats by which a model must be better to be better at all, and for squared errors the part of the baseline. */
const MARGIN = { nats: 0.005, 'squared error': 0.01 } as const;
/** A baseline this small leaves nothing to predict: in nats, and in squared units (a millisecond, squared). */
const NOTHING = { nats: 0.01, 'squared error': 1e-6 } as const;

/** What guessing blindly among the classes of a head costs; nothing of numbers. */
export function guessOf(head: HeadSpec): Pick<Compared, 'guess'> {
  return head.kind === 'categorical' ? { guess: Math.log(head.size) } : {};
}

/**
 * How a head does beside its baseline, which cannot be beaten by less than a blind guess beats it.
 * @param error the standard error of the difference, where it is known: a gain of less than two is not clear
 */
export function standingOf({ loss, baseline, unit, guess }: Omit<Compared, 'name'>, error = 0): Standing {
  if (baseline === null) return 'unknown';
  if (!(baseline > NOTHING[unit])) return 'nothing to predict';
  const margin = unit === 'nats' ? MARGIN.nats : MARGIN[unit] * baseline;
  const gain = Math.min(baseline, guess ?? Infinity) - loss;
  if (!(gain > margin)) return 'no better';
  return gain > 2 * error ? 'better' : 'unclear';
}

/**
 * What heads come to beside a baseline, after `the model`: `beats X in pitch (2.9 against 3.5 nats, +17 %), but not in duration (…)`.
 * Each head is named once; empty where the baseline of none is known.
 * @param baseline what it is called, such as {@link BASELINE}
 */
export function standingWords(heads: readonly (Compared & { standing: Standing })[], baseline: string): string {
  const named = (standing: Standing): string => {
    return inWords(heads.filter((head) => head.standing === standing).map(againstWords), 'and');
  };
  const [better, unclear, worse] = [named('better'), named('unclear'), named('no better')];
  const constant = heads.filter(({ standing }) => standing === 'nothing to predict').map(({ name }) => headName(name));
  const clauses = [
    better === '' ? '' : `beats ${baseline} in ${better}`,
    unclear === ''
      ? ''
      : better === ''
        ? `does not clearly beat ${baseline} in ${unclear}`
        : `not clearly in ${unclear}`,
    worse === '' ? '' : better + unclear === '' ? `does not beat ${baseline}: ${worse}` : `not in ${worse}`,
  ].filter((clause) => clause !== '');
  const [first, ...rest] = clauses;
  const hardly = `${inWords(constant, 'and')} hardly ${constant.length === 1 ? 'varies' : 'vary'}`;
  if (first === undefined) return constant.length === 0 ? '' : `has nothing to predict: ${hardly}`;
  const said = [first, ...rest.map((clause, k) => `${k === 0 ? 'but' : 'and'} ${clause}`)].join(', ');
  return constant.length === 0 ? said : `${said}; ${hardly}: nothing to predict`;
}

/** `pitch (2.9 against 3.5 nats, +17 %)`. */
function againstWords({ name, loss, baseline, unit, guess = Infinity }: Compared): string {
  const blind = guess < (baseline ?? 0) ? `; guessing blindly costs ${digits(guess)}` : '';
  const losses = `${digits(loss)} against ${digits(baseline ?? NaN)} ${unit === 'nats' ? 'nats' : 'in squared error'}`;
  return `${headName(name)} (${losses}, ${gainPercent(loss, baseline)}${blind})`;
}

/** `pitch 2.9 nats, duration 0.05 (squared error)`: losses that nothing is known to compare with. */
export function lossWords(heads: readonly Pick<Compared, 'name' | 'loss' | 'unit'>[]): string {
  return heads
    .map(({ name, loss, unit }) => `${headName(name)} ${digits(loss)} ${unit === 'nats' ? 'nats' : '(squared error)'}`)
    .join(', ');
}
