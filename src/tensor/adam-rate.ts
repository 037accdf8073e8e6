import type { AdamSettings } from './kernels.ts';

/** learningRate · √(1-β₂ᵗ) / (1-β₁ᵗ): both bias corrections of Adam in one factor. */
export function biasCorrectedRate({ learningRate, beta1, beta2, step }: AdamSettings): number {
  return (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
}
