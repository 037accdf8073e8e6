import { decays } from '../spec.ts';
import type { Optimizer } from './optimizer.ts';
import type { AdamWSpec } from './spec.ts';

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) in the form of PyTorch's `AdamW`: every weight that decays loses a share of
 * itself, then Adam takes its step, ε beside the bias-corrected root of v:
 *
 *     w *= 1 - learningRate · weightDecay        w -= learningRate · m / (1-β₁ᵗ) / (√(v / (1-β₂ᵗ)) + ε)
 *
 * The second is what `Kernels.adam` computes with ε · √(1-β₂ᵗ) for its ε. Without decay it is PyTorch's `Adam`.
 */
export function adamw(spec: AdamWSpec): Optimizer {
  const { beta1, beta2, weightDecay } = spec;
  return {
    keeps: ['adam.m', 'adam.v'],
    update({ kernels, parameters, gradients, kept }, learningRate, step) {
      if (weightDecay > 0) {
        for (const parameter of parameters.specs) {
          if (decays(parameter)) kernels.scale(parameters.get(parameter.name), 1 - learningRate * weightDecay);
        }
      }
      const epsilon = spec.epsilon * Math.sqrt(1 - beta2 ** step);
      const settings = { beta1, beta2, epsilon, learningRate, step };
      kernels.adam(parameters.flat, gradients.flat, kept['adam.m'].flat, kept['adam.v'].flat, settings);
    },
  };
}
