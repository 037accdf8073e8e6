import { lossOf, type HeadSpec, type OwnLosses } from '../nn/index.ts';
import { assertAllFinite, BROKEN_MODEL } from '../finite.ts';
import type { Coding } from './coding.ts';

/** What is predicted: a class, a number, or a row of numbers. */
export type Value = string | number | Float64Array;

/** A normal distribution of a mixture, and its share of it. */
export interface Component {
  share: number;
  mean: number;
  deviation: number;
}

/** A prediction in the units of the data. What there is beside the value depends on the loss. */
export interface Prediction<V extends Value = Value> {
  /**
   * The likeliest class; of numbers the mean (of `absolute` the median, of quantiles the level nearest to one half, of `binary` the
   * probability of 1).
   */
  value: V;
  /** Of all classes, in the order of `FittedModel.classes`. */
  probabilities?: Float64Array;
  /** For each level of the loss its quantile. */
  quantiles?: V[];
  /** The deviation, where the loss is `gaussian`. */
  deviation?: V;
  /** For each number its components, where the loss is a mixture. */
  mixture?: Component[][];
}

/** Turns the outputs of a head into predictions, in the units that `coding` says. */
export class OutputReader<V extends Value> {
  readonly #head: HeadSpec;
  readonly #coding: Coding;
  readonly #predict?: (values: Float64Array) => void;

  constructor(head: HeadSpec, coding: Coding, own: OwnLosses) {
    const loss = lossOf(head, own);
    this.#head = head;
    this.#coding = coding;
    this.#predict = loss.predict && ((values) => loss.predict!(values));
  }

  /**
   * @param outputs of the head; they are not changed
   * @throws NotFiniteError when the model's weights overflow
   */
  read(outputs: ArrayLike<number>): Prediction<V> {
    assertAllFinite(outputs, 'What the model says', BROKEN_MODEL);
    const values = Float64Array.from(outputs);
    this.#predict?.(values);
    const [head, coding] = [this.#head, this.#coding];
    if (coding.kind === 'classes') {
      return { value: coding.classes[likeliest(values)] as V, probabilities: values };
    }
    const { mean, deviation } = coding;
    const level = (value: number, k: number): number => value * deviation[k] + mean[k];
    const rowOf = (of: (k: number) => number): V => {
      if (mean.length === 1) return of(0) as V;
      return Float64Array.from(mean, (_, k) => of(k)) as V;
    };
    const loss = head.kind === 'numbers' ? head.loss : { kind: 'squared' as const };
    if (loss.kind === 'quantile') {
      const { levels } = loss;
      const quantiles = levels.map((_, q) => rowOf((k) => level(values[k * levels.length + q], k)));
      return { value: quantiles[middleOf(levels)], quantiles };
    }
    if (loss.kind === 'gaussian') {
      return { value: rowOf((k) => level(values[2 * k], k)), deviation: rowOf((k) => values[2 * k + 1] * deviation[k]) };
    }
    if (loss.kind === 'mixture') return mixtureOf(values, loss.components, coding, rowOf);
    return { value: rowOf((k) => level(values[k], k)) };
  }
} // prettier-ignore

function mixtureOf<V extends Value>(
  values: Float64Array,
  count: number,
  { mean, deviation }: Extract<Coding, { kind: 'numbers' }>,
  rowOf: (of: (k: number) => number) => V,
): Prediction<V> {
  const mixture = mean.map((m, k) =>
    Array.from({ length: count }, (_, c): Component => {
      const at = 3 * count * k + c;
      return { share: values[at], mean: values[at + count] * deviation[k] + m, deviation: values[at + 2 * count] * deviation[k] }; // prettier-ignore
    }),
  );
  return { value: rowOf((k) => mixture[k].reduce((sum, { share, mean: m }) => sum + share * m, 0)), mixture };
}

/** The number of the level nearest to one half. */
function middleOf(levels: readonly number[]): number {
  return levels.reduce((best, level, q) => (Math.abs(level - 0.5) < Math.abs(levels[best] - 0.5) ? q : best), 0);
}

function likeliest(values: Float64Array): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
  return best;
}
