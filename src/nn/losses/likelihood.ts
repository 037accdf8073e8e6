import { logSumExp } from '../log-sum-exp.ts';
import type { Loss } from './loss.ts';

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/**
 * A normal distribution for each number: the outputs are its mean and the logarithm of its deviation, number by number. The
 * loss is the mean of -log of the density at the targets, in nats:
 *
 *     ½ ((target - μ) e^-s)² + s + ½ log 2π
 */
export function gaussian(size: number): Loss {
  return {
    outputs: 2 * size,
    targets: size,
    row(values, targets, gradient) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        const [mean, s] = [values[2 * k], values[2 * k + 1]];
        const d = (targets[k] - mean) * Math.exp(-s);
        sum += 0.5 * d * d + s + HALF_LOG_TAU;
        gradient[2 * k] = (-d * Math.exp(-s)) / size;
        gradient[2 * k + 1] = (1 - d * d) / size;
      }
      return sum / size;
    },
    predict(values) {
      for (let k = 1; k < values.length; k += 2) values[k] = Math.exp(values[k]);
    },
  };
}

/**
 * A mixture of normal distributions for each number (Bishop 1994): `components` logits of their shares, then as many means, then as many
 * logarithms of deviations. The loss is the mean over the numbers of -log Σ share · density, in nats; a component's gradient is
 * that of `gaussian` times the probability that the target came from it.
 */
export function mixture(size: number, components: number): Loss {
  const parts = new Float64Array(components);
  const each = 3 * components;
  return {
    outputs: size * each,
    targets: size,
    row(values, targets, gradient) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        sum += mixtureRow(values.subarray(k * each, (k + 1) * each), targets[k], gradient.subarray(k * each, (k + 1) * each), parts); // prettier-ignore
      }
      for (let k = 0; k < gradient.length; k++) gradient[k] /= size;
      return sum / size;
    },
    predict(values) {
      for (let at = 0; at < values.length; at += each) {
        const shares = values.subarray(at, at + components);
        const log = logSumExp(shares);
        for (let c = 0; c < components; c++) shares[c] = Math.exp(shares[c] - log);
        for (let c = 2 * components; c < each; c++) values[at + c] = Math.exp(values[at + c]);
      }
    },
  };
}

function mixtureRow(values: Float64Array, target: number, gradient: Float64Array, parts: Float64Array): number {
  const components = parts.length;
  const logShares = logSumExp(values, 0, components);
  for (let c = 0; c < components; c++) {
    const s = values[2 * components + c];
    const d = (target - values[components + c]) * Math.exp(-s);
    parts[c] = values[c] - logShares - 0.5 * d * d - s - HALF_LOG_TAU;
  }
  const logDensity = logSumExp(parts);
  for (let c = 0; c < components; c++) {
    const responsible = Math.exp(parts[c] - logDensity);
    const s = values[2 * components + c];
    const d = (target - values[components + c]) * Math.exp(-s);
    gradient[c] = Math.exp(values[c] - logShares) - responsible;
    gradient[components + c] = -responsible * d * Math.exp(-s);
    gradient[2 * components + c] = responsible * (1 - d * d);
  }
  return -logDensity;
}
