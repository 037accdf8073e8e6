import type { Loss } from './loss.ts';

/**
 * Quantiles of each number (Koenker and Bassett 1978): for each level q an output p that costs q · (target - p) above it and
 * (1 - q) · (p - target) below, least in the mean where the target lies below p with probability q. The outputs of the first
 * number come first. What is predicted is in order, whatever the outputs are. The loss is the mean over numbers and levels.
 */
export function quantile(size: number, levels: readonly number[]): Loss {
  const count = levels.length;
  return {
    outputs: size * count,
    targets: size,
    row(values, targets, gradient) {
      let sum = 0;
      for (let k = 0; k < size * count; k++) {
        const q = levels[k % count];
        const d = targets[Math.floor(k / count)] - values[k];
        sum += d >= 0 ? q * d : (q - 1) * d;
        gradient[k] = (d > 0 ? -q : d < 0 ? 1 - q : 0) / (size * count);
      }
      return sum / (size * count);
    },
    predict(values) {
      for (let at = 0; at < values.length; at += count) values.subarray(at, at + count).sort();
    },
  };
}
