import { UsageError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { InputError } from './errors.ts';
import type { Head } from './heads.ts';
import { assertLength } from './input-checks.ts';

/** Which rows of a batch's targets a network has: all steps of the sequences `from` up to, not including, `from + count`. */
interface RowsHere {
  steps: number;
  from: number;
  count: number;
}

/**
 * Tells heads how much each of their rows counts, and what the rows of the whole batch come to; afterwards no target class is -1.
 * @throws InputError for a length or weight that cannot be; UsageError for lengths where the loss looks at the last step alone
 */
export function weighRows(heads: readonly Head[], batch: Batch, here: RowsHere): void {
  checkSequences(batch, here.steps);
  for (const head of heads) {
    const asked = [head, ...head.reads].filter(({ targetClasses }) => targetClasses);
    const targets = asked.map(({ spec }) => batch.targets![spec.name]);
    const alike = !batch.lengths && !batch.weights && !head.weighsTargets && !targets.some(hasIgnored);
    head.allWeights.data[0] = alike ? 0 : weighHead(head, batch, targets, here);
  }
  // Only now: who reads a head looks at what it was asked.
  for (const { targetClasses } of heads) targetClasses?.data.forEach((k, row, all) => k < 0 && (all[row] = 0));
}

/** Writes the weights of the rows here. @returns what all rows of the batch come to, more than 0 even where none counts */
function weighHead(head: Head, batch: Batch, asked: readonly ArrayLike<number>[], here: RowsHere): number {
  const { size, lengths, weights } = batch;
  const own = batch.targets![head.spec.name];
  let all = 0;
  for (let t = 0; t < here.steps; t++) {
    for (let b = 0; b < size; b++) {
      const row = t * size + b;
      const counts = (lengths === undefined || t < lengths[b]) && asked.every((targets) => targets[row] >= 0);
      const weight = counts ? (weights?.[b] ?? 1) : 0;
      if (weight !== 0) all += weight * head.targetWeight(own, row);
      if (b >= here.from && b < here.from + here.count) head.rowWeights.data[t * here.count + b - here.from] = weight;
    }
  }
  // A batch in which nothing counts has the loss 0, not 0 / 0.
  return all === 0 ? 1 : all;
}

function hasIgnored(targets: ArrayLike<number>): boolean {
  for (let row = 0; row < targets.length; row++) if (targets[row] < 0) return true;
  return false;
}

function checkSequences({ size, steps, lengths, weights }: Batch, targetSteps: number): void {
  if (lengths) {
    if (targetSteps !== steps) {
      throw new UsageError('batch: lengths take a model whose loss looks at every step (lossOn "all"), and this one looks at the last.'); // prettier-ignore
    }
    assertLength(lengths, size, { what: 'the lengths' });
    for (let b = 0; b < size; b++) {
      if (Number.isInteger(lengths[b]) && lengths[b] >= 1 && lengths[b] <= steps) continue;
      throw new InputError(`The length of sequence ${b}, counted from 0, should be a whole number from 1 to ${steps}, got ${lengths[b]}.`); // prettier-ignore
    }
  }
  if (!weights) return;
  assertLength(weights, size, { what: 'the weights' });
  for (let b = 0; b < size; b++) {
    if (Number.isFinite(weights[b]) && weights[b] >= 0) continue;
    throw new InputError(`The weight of sequence ${b}, counted from 0, should be a number of at least 0, got ${weights[b]}.`); // prettier-ignore
  }
}
