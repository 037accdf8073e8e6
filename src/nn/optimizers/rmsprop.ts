import type { Optimizer } from './optimizer.ts';
import type { RmspropSpec } from './spec.ts';

/** RMSprop (Tieleman and Hinton 2012) in the form of PyTorch's `RMSprop`: see `Kernels.rmsprop`. */
export function rmsprop({ decay, epsilon }: RmspropSpec): Optimizer {
  return {
    keeps: ['rmsprop.square'],
    update({ kernels, parameters, gradients, kept }, learningRate) {
      const settings = { decay, epsilon, learningRate };
      kernels.rmsprop(parameters.flat, gradients.flat, kept['rmsprop.square'].flat, settings);
    },
  };
}
