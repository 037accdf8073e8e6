import { UsageError } from '../../errors.ts';
import type { Marks } from '../../midi/index.ts';
import type { HeadSpec, Sequence } from '../../nn/index.ts';

/** What the training pieces have to say of one head, whatever comes before: how often each class occurs, or the mean. */
export type HeadFrequencies = { counts: number[] } | { mean: number };

/** By head. Kept in the checkpoint: a baseline that is fitted on what it is tested on is none. */
export type Frequencies = Record<string, HeadFrequencies>;

/**
 * Counts what the heads should have said over all notes of some sequences.
 * @param marks those around each, which are no notes
 */
export function countFrequencies(
  heads: readonly HeadSpec[],
  sequences: readonly Sequence[],
  { before = 0, after = 0 }: Marks = {},
): Frequencies {
  return Object.fromEntries(
    heads.map((head) => {
      const columns = sequences.map(({ length, targets }) => ({
        values: targets[head.name],
        before,
        end: length - after,
      }));
      return [
        head.name,
        head.kind === 'categorical' ? { counts: countClasses(head.size, columns) } : { mean: meanOf(columns) },
      ];
    }),
  );
}

/**
 * What always giving the frequencies of the training pieces costs at each of some notes, in nats: each class is counted once more
 * than it occurred, so that none is impossible. For numbers the squared distance from the training pieces' mean.
 * @throws UsageError when there are other classes than were counted
 */
export function* costsOf(known: HeadFrequencies, targets: Iterable<number>): Generator<number> {
  if ('mean' in known) {
    for (const target of targets) yield (target - known.mean) ** 2;
    return;
  }
  const all = known.counts.reduce((total, count) => total + count + 1, 0);
  for (const target of targets) {
    if (!(target in known.counts))
      throw new UsageError(`frequencies: class ${target} of ${known.counts.length} was not counted.`);
    yield -Math.log((known.counts[target] + 1) / all);
  }
}

/**
 * The mean of what each target costs under the frequencies, in nats.
 * @throws UsageError for a class that was not counted
 */
export function baselineOf(known: HeadFrequencies, targets: Iterable<number>): number {
  let [sum, notes] = [0, 0];
  for (const cost of costsOf(known, targets)) {
    sum += cost;
    notes++;
  }
  return sum / notes;
}

/**
 * Reads frequencies as they stand in a checkpoint.
 * @throws UsageError that names the head whose numbers cannot be read
 */
export function parseFrequencies(json: unknown, heads: readonly HeadSpec[]): Frequencies {
  const given = (json ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    heads.map((head) => {
      const { counts, mean } = (given[head.name] ?? {}) as { counts?: unknown; mean?: unknown };
      const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && (count as number) >= 0;
      if (
        head.kind === 'categorical' &&
        Array.isArray(counts) &&
        counts.length === head.size &&
        counts.every(isCount)
      ) {
        return [head.name, { counts: counts as number[] }];
      }
      if (head.kind === 'scalar' && Number.isFinite(mean)) return [head.name, { mean: mean as number }];
      throw new UsageError(
        `frequencies.${head.name}: expected ${head.kind === 'scalar' ? 'a mean' : `${head.size} counts`}.`,
      );
    }),
  );
}

/** What a head should have said of some notes: the values from `before` up to, not including, `end`. */
interface Column {
  values: ArrayLike<number>;
  before: number;
  end: number;
}

function countClasses(size: number, columns: readonly Column[]): number[] {
  const counts = Array<number>(size).fill(0);
  for (const { values, before, end } of columns) for (let t = before; t < end; t++) counts[values[t]]++;
  return counts;
}

function meanOf(columns: readonly Column[]): number {
  let [sum, notes] = [0, 0];
  for (const { values, before, end } of columns) {
    for (let t = before; t < end; t++) sum += values[t];
    notes += end - before;
  }
  return notes === 0 ? 0 : sum / notes;
}
