import type { Loss } from '../../src/nn/index.ts';

/** A loss of one's own: counts, from the logarithm of their mean. -log of Poisson's probability, less what does not depend on the output. */
export const poisson: Loss = {
  outputs: 1,
  targets: 1,
  row([logMean], [count], gradient) {
    gradient[0] = Math.exp(logMean) - count;
    return Math.exp(logMean) - count * logMean;
  },
  predict(values) {
    values[0] = Math.exp(values[0]);
  },
};
