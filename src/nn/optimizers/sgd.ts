import type { Optimizer } from './optimizer.ts';
import type { SgdSpec } from './spec.ts';

/** Gradient descent in the form of PyTorch's `SGD`: see `Kernels.sgd` and, with momentum, `Kernels.sgdMomentum`. */
export function sgd({ momentum, nesterov }: SgdSpec): Optimizer {
  if (momentum === 0) {
    return {
      keeps: [],
      update({ kernels, parameters, gradients }, learningRate) {
        kernels.sgd(parameters.flat, gradients.flat, learningRate);
      },
    };
  }
  return {
    keeps: ['sgd.velocity'],
    update({ kernels, parameters, gradients, kept }, learningRate) {
      const settings = { learningRate, momentum, nesterov };
      kernels.sgdMomentum(parameters.flat, gradients.flat, kept['sgd.velocity'].flat, settings);
    },
  };
}
