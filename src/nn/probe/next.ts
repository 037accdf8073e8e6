import type { Floats } from '../../tensor/index.ts';
import { logSumExp } from '../log-sum-exp.ts';
import { lossOf } from '../losses/loss-of.ts';
import type { HeadSpec } from '../spec.ts';

/** Writes the softmax of every row of `logits`, `size` numbers each, to `probabilities`. */
export function softmax(probabilities: Floats, logits: Floats, size: number): void {
  for (let at = 0; at < logits.length; at += size) {
    const normaliser = logSumExp(logits, at, size);
    for (let j = at; j < at + size; j++) probabilities[j] = Math.exp(logits[j] - normaliser);
  }
}

/** The class with the largest logit. */
export function likeliest(logits: ArrayLike<number>): number {
  let best = 0;
  for (let j = 1; j < logits.length; j++) if (logits[j] > logits[best]) best = j;
  return best;
}

/**
 * What a prediction costs once it is known what came: the loss of training, unweighted. `out` is one row. NaN for a head of
 * several numbers, or with a loss of one's own: probes look at one number at a time.
 */
export function lossOfNext(head: HeadSpec, out: ArrayLike<number>, target: number): number {
  if (head.kind === 'numbers') return lossOfNumber(head, out, target);
  if (head.kind === 'categorical') {
    if (!(Number.isInteger(target) && target >= 0 && target < head.size)) {
      throw new RangeError(`target of ${head.name}: expected a class from 0 to ${head.size - 1}, got ${target}.`);
    }
    return logSumExp(out, 0, head.size) - out[target];
  }
  const p = out[0];
  return (target - p) ** 2 + (p < 0 ? -head.positivePressure * p : 0);
}

/** The loss of the row of a head of one number, and its derivative in `slope`; NaN where there are more, or the loss is one's own. */
export function lossOfNumber(
  head: HeadSpec & { kind: 'numbers' },
  out: ArrayLike<number>,
  target: number,
  slope = new Float64Array(out.length),
): number {
  if (head.size > 1 || head.loss.kind === 'own') return NaN;
  return lossOf(head).row(Float64Array.from(out), Float64Array.of(target), slope);
}
