import type { Floats } from '../../tensor/index.ts';

/** Writes the softmax of some logits, from place `at` on, to `p`. */
export function softmax(logits: Floats, at: number, p: Float64Array): void {
  let largest = -Infinity;
  for (let j = 0; j < p.length; j++) largest = Math.max(largest, logits[at + j]);
  let sum = 0;
  for (let j = 0; j < p.length; j++) sum += p[j] = Math.exp(logits[at + j] - largest);
  for (let j = 0; j < p.length; j++) p[j] /= sum;
}
