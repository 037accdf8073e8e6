import { UsageError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { InputError } from './errors.ts';
import type { Head } from './heads.ts';
import { assertLength } from './input-checks.ts';
import type { Loss } from './losses/loss.ts';
import { lossOf } from './losses/loss-of.ts';
import { targetWidth, type HeadSpec, type ModelSpec } from './spec.ts';

/** Which rows of a batch's targets a network has: all steps of the sequences `from` up to, not including, `from + count`. */
interface RowsHere {
  steps: number;
  from: number;
  count: number;
}

/**
 * Tells heads how much each of their rows counts, and what the rows of the whole batch come to; afterwards no target class is -1.
 * The batch has gone through `checkSequences`.
 */
export function weighRows(heads: readonly Head[], batch: Batch, { steps, from, count }: RowsHere): void {
  const specs = heads.map(({ spec }) => spec);
  for (const head of heads) {
    if (countsAlike(head.spec, specs, head.loss, batch)) {
      head.allWeights.data[0] = 0;
      continue;
    }
    const all = countRows(head.spec, specs, head.loss, batch, steps, (b, t, weight) => {
      if (b >= from && b < from + count) head.rowWeights.data[t * count + b - from] = weight;
    });
    // A batch in which nothing counts has the loss 0, not 0 / 0.
    head.allWeights.data[0] = all === 0 ? 1 : all;
  }
  if (heads.every(({ allWeights }) => allWeights.data[0] === 0)) return;
  for (const { targetClasses } of heads) targetClasses?.data.forEach((k, row, all) => k < 0 && (all[row] = 0));
}

/** What the rows that a batch is asked for come to, for each head: its mean loss is a mean over so many. */
export function rowsOf({ heads }: ModelSpec, batch: Batch): number[] {
  return heads.map((head) => {
    const steps = batch.targets![head.name].length / (batch.size * targetWidth(head));
    // A loss of one's own that weighs targets is given to the engine, not here; its weights are those of the rows.
    const loss = head.kind === 'numbers' && head.loss.kind === 'own' ? UNWEIGHED : lossOf(head);
    if (countsAlike(head, heads, loss, batch)) return batch.size * steps;
    return countRows(head, heads, loss, batch, steps);
  });
}

const UNWEIGHED: Pick<Loss, 'weight'> = {};

/** Whether every row counts 1. */
function countsAlike(head: HeadSpec, heads: readonly HeadSpec[], loss: Pick<Loss, 'weight'>, batch: Batch): boolean {
  const { lengths, asked, weights } = batch;
  return !lengths && !asked && !weights && !loss.weight && !classesOf(head, heads, batch).some(hasIgnored);
}

/**
 * What the rows of a head come to: what its mean loss is a mean over.
 * @param steps how many steps the targets have: those of the batch, or one
 * @param visit told how much each row counts, apart from what its target does to that
 */
function countRows(
  head: HeadSpec,
  heads: readonly HeadSpec[],
  loss: Pick<Loss, 'weight'>,
  batch: Batch,
  steps: number,
  visit?: (b: number, t: number, weight: number) => void,
): number {
  const { size, weights } = batch;
  const classes = classesOf(head, heads, batch);
  const width = targetWidth(head);
  const wanted = new Float64Array(width);
  let all = 0;
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < size; b++) {
      const row = t * size + b;
      const counts = isAsked(batch, b, t, steps) && classes.every((each) => each[row] >= 0);
      const weight = counts ? (weights?.[b] ?? 1) : 0;
      visit?.(b, t, weight);
      if (weight === 0) continue;
      for (let k = 0; k < width; k++) wanted[k] = batch.targets![head.name][row * width + k];
      all += weight * (loss.weight?.(wanted) ?? 1);
    }
  }
  return all;
}

/** The targets of the head and of those that it reads, where they are classes: a row counts where all are asked for. */
function classesOf(head: HeadSpec, heads: readonly HeadSpec[], { targets }: Batch): ArrayLike<number>[] {
  const names = [head.name, ...(head.reads ?? [])];
  return heads.flatMap(({ name, kind }) => (kind === 'categorical' && names.includes(name) ? [targets![name]] : []));
}

function isAsked({ lengths, asked }: Batch, b: number, t: number, steps: number): boolean {
  const length = lengths?.[b] ?? steps;
  return asked === 'ends' ? t === length - 1 : t < length;
}

function hasIgnored(targets: ArrayLike<number>): boolean {
  for (let row = targets.length - 1; row >= 0; row--) if (targets[row] < 0) return true;
  return false;
}

/**
 * @param targetSteps how many steps the targets have: those of the batch, or one
 * @throws InputError for a length or weight that cannot be; UsageError for lengths where the loss looks at the last step alone
 */
export function checkSequences({ size, steps, lengths, asked, weights }: Batch, targetSteps: number): void {
  if ((lengths || asked) && targetSteps !== steps) {
    throw new UsageError('batch: sequences of several lengths take a model whose loss looks at every step (lossOn "all", and evaluateOn "all"), and this one looks at the last.'); // prettier-ignore
  }
  if (lengths) {
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
