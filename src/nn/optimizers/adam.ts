import type { Optimizer } from './optimizer.ts';
import type { AdamSpec } from './spec.ts';

/** Adam (Kingma and Ba 2015) in the form of TensorFlow and Keras: see `Kernels.adam`. */
export function adam(spec: AdamSpec): Optimizer {
  return {
    keeps: ['adam.m', 'adam.v'],
    update({ kernels, parameters, gradients, kept }, learningRate, step) {
      // Read at every step: whoever made the spec may change ε from step to step.
      const { beta1, beta2, epsilon } = spec;
      const settings = { beta1, beta2, epsilon, learningRate, step };
      kernels.adam(parameters.flat, gradients.flat, kept['adam.m'].flat, kept['adam.v'].flat, settings);
    },
  };
}
