import { sigmoid } from '../../tensor/reference/lstm-cell.ts';
import type { Loss } from './loss.ts';

/** What one output costs, and its derivative. */
type Cost = (value: number, target: number) => readonly [loss: number, derivative: number];

/** The mean over `size` numbers of a cost that each output has by itself. */
function pointwise(size: number, cost: Cost): Loss {
  return {
    outputs: size,
    targets: size,
    row(values, targets, gradient) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const [loss, derivative] = cost(values[k], targets[k]);
        sum += loss;
        gradient[k] = derivative / size;
      }
      return sum / size;
    },
  };
}

/** (target - p)² + pressure · max(-p, 0): the tutorial's loss for times, the plain squared error without pressure. */
export function squared(size: number, positivePressure = 0): Loss {
  return pointwise(size, (p, target) => [
    (target - p) ** 2 + positivePressure * Math.max(-p, 0),
    2 * (p - target) - (p < 0 ? positivePressure : 0),
  ]);
}

/** |target - p|, whose best answer is the median; at the target the derivative is taken as 0. */
export function absolute(size: number): Loss {
  return pointwise(size, (p, target) => [Math.abs(p - target), Math.sign(p - target)]);
}

/** Huber (1964): half the squared error up to `delta`, beyond it a line, so that outliers pull no harder than `delta`. */
export function huber(size: number, delta: number): Loss {
  return pointwise(size, (p, target) => {
    const d = p - target;
    return Math.abs(d) <= delta ? [d * d / 2, d] : [delta * (Math.abs(d) - delta / 2), delta * Math.sign(d)]; // prettier-ignore
  });
}

/**
 * Cross-entropy of yes or no from logits, in nats, each number by itself: one for two classes, several for labels of which any
 * may hold. Targets are 0, 1, or probabilities between: max(z, 0) - z · target + log(1 + e^-|z|).
 */
export function binary(size: number): Loss {
  return {
    ...pointwise(size, (z, target) => [
      Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z))),
      sigmoid(z) - target,
    ]),
    predict(values) {
      for (let k = 0; k < size; k++) values[k] = sigmoid(values[k]);
    },
  };
}
