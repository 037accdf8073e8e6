import { UsageError } from '../../errors.ts';
import type { CategoricalOptions } from './categorical.ts';
import { assertNonNegative, assertRate, assertWhole } from '../spec-checks.ts';

/** How far numbers are from what they should be; each stands in one of the files beside this one. */
export type NumbersLoss =
  | { kind: 'squared'; positivePressure?: number }
  | { kind: 'absolute' }
  | { kind: 'huber'; delta: number }
  /** Yes or no for each number, from logits. */
  | { kind: 'binary' }
  /** An output for each level, each level between 0 and 1. */
  | { kind: 'quantile'; levels: number[] }
  /** Two outputs for each number: the mean, and the logarithm of the deviation. */
  | { kind: 'gaussian' }
  /** Three outputs for each component of each number. */
  | { kind: 'mixture'; components: number }
  /** One's own, which is given by this name to whatever trains or evaluates the model; it reads so many outputs. */
  | { kind: 'own'; name: string; outputs: number };

/** How many outputs a loss reads for `size` numbers. */
export function outputsOf(size: number, loss: NumbersLoss): number {
  switch (loss.kind) {
    case 'quantile':
      return size * loss.levels.length;
    case 'gaussian':
      return 2 * size;
    case 'mixture':
      return 3 * size * loss.components;
    case 'own':
      return loss.outputs;
    default:
      return size;
  }
}

/** @throws UsageError that names the first thing that is wrong with a head of classes */
export function validateClasses(where: string, head: CategoricalOptions & { size: number }): void {
  const { size, smoothing = 0, classWeights } = head;
  // One class is allowed: the durations of a corpus may all be the same, and such a head has nothing left to learn.
  assertWhole(`${where}: size`, size, 1, 1 << 20);
  assertRate(`${where}: smoothing`, smoothing);
  if (!classWeights) return;
  if (classWeights.length !== size) {
    throw new UsageError(`${where}: classWeights: expected one for each of ${size} classes, got ${classWeights.length}.`);
  }
  classWeights.forEach((weight, k) => {
    assertNonNegative(`${where}: classWeights of class ${k}`, weight);
  });
  if (classWeights.every((weight) => weight === 0)) throw new UsageError(`${where}: classWeights: all are 0, and nothing would be learned.`);
} // prettier-ignore

/** @throws UsageError that names the first thing that is wrong with a loss of numbers */
export function validateLoss(where: string, size: number, loss: NumbersLoss | undefined): void {
  const kind = loss?.kind;
  if (kind === 'squared') assertNonNegative(`${where}: positivePressure`, loss!.positivePressure ?? 0);
  else if (loss?.kind === 'huber') {
    if (!(Number.isFinite(loss.delta) && loss.delta > 0)) throw new UsageError(`${where}: delta: expected more than 0, got ${loss.delta}.`); // prettier-ignore
  } else if (loss?.kind === 'quantile') validateLevels(where, loss.levels);
  else if (loss?.kind === 'mixture') assertWhole(`${where}: components`, loss.components, 1, 1 << 10);
  else if (loss?.kind === 'own') assertWhole(`${where}: outputs`, loss.outputs, 1, 1 << 16);
  else if (kind !== 'absolute' && kind !== 'binary' && kind !== 'gaussian') {
    throw new UsageError(`${where}: expected one of squared, absolute, huber, binary, quantile, gaussian, mixture, own; got ${JSON.stringify(kind)}.`); // prettier-ignore
  }
  assertWhole(`${where}: outputs`, outputsOf(size, loss!), 1, 1 << 20);
}

function validateLevels(where: string, levels: readonly number[]): void {
  if (!Array.isArray(levels) || levels.length === 0) throw new UsageError(`${where}: levels: expected at least one, for instance [0.1, 0.5, 0.9].`); // prettier-ignore
  const rising = levels.every((level, k) => level > (levels[k - 1] ?? 0) && level < 1);
  if (!rising) throw new UsageError(`${where}: levels: expected rising numbers between 0 and 1, got ${levels.join(', ')}.`); // prettier-ignore
}
