import type { Floats } from '../tensor.ts';

/** See Kernels.softmaxCrossEntropy. */
export function softmaxCrossEntropy(
  probabilities: Floats,
  logits: Floats,
  targets: Int32Array,
  rows: number,
  classes: number,
): number {
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * classes;
    const target = assertIndex(targets[row], classes, 'softmaxCrossEntropy: target');
    let largest = logits[at];
    for (let j = 1; j < classes; j++) if (logits[at + j] > largest) largest = logits[at + j];
    const targetLogit = logits[at + target] - largest;
    let sum = 0;
    for (let j = 0; j < classes; j++) {
      const e = Math.exp(logits[at + j] - largest);
      probabilities[at + j] = e;
      sum += e;
    }
    for (let j = 0; j < classes; j++) probabilities[at + j] /= sum;
    loss += Math.log(sum) - targetLogit;
  }
  return loss;
}

/** See Kernels.softmaxCrossEntropyBackward. */
export function softmaxCrossEntropyBackward(
  dLogits: Floats,
  probabilities: Floats,
  targets: Int32Array,
  rows: number,
  classes: number,
  scale: number,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * classes;
    for (let j = 0; j < classes; j++) dLogits[at + j] += scale * probabilities[at + j];
    dLogits[at + assertIndex(targets[row], classes, 'softmaxCrossEntropyBackward: target')] -= scale;
  }
}

/** See Kernels.mseWithPositivePressure. NaN passes through. */
export function mseWithPositivePressure(predictions: Floats, targets: Floats, pressure: number): number {
  let loss = 0;
  for (let j = 0; j < predictions.length; j++) {
    const p = predictions[j];
    const difference = targets[j] - p;
    loss += difference * difference + (p < 0 ? -pressure * p : 0);
  }
  return loss;
}

/** See Kernels.mseWithPositivePressureBackward. */
export function mseWithPositivePressureBackward(
  dPredictions: Floats,
  predictions: Floats,
  targets: Floats,
  pressure: number,
  scale: number,
): void {
  for (let j = 0; j < predictions.length; j++) {
    const p = predictions[j];
    dPredictions[j] += scale * (2 * (p - targets[j]) - (p < 0 ? pressure : 0));
  }
}

/** @throws RangeError unless 0 <= index < size */
export function assertIndex(index: number, size: number, where: string): number {
  if (index >= 0 && index < size) return index;
  throw new RangeError(`${where}: expected a class from 0 to ${size - 1}, got ${index}.`);
}
