import { accuracy, meanAbsoluteError, topAccuracy, type HeadSpec } from '../nn/index.ts';
import type { Coding } from './coding.ts';
import type { Value } from './prediction.ts';
import { askedOf, type Example, type Task } from './problem.ts';
import { readThrough, type Reader } from './reader.ts';
import { cutTable, type Table } from './table.ts';

/** How good predictions are. */
export interface Metrics {
  /** How many predictions these are taken over. */
  count: number;
  /** The share that is right, where classes or yes and no are predicted. */
  accuracy?: number;
  /** The share in which the right class is among the five most probable, where there are more than five. */
  top5?: number;
  /** The mean of what numbers are off by, in their own units. */
  meanAbsoluteError?: number;
}

/**
 * Has examples read, and sets what is predicted beside what it should have been.
 * @returns null where nothing can be asked
 */
export function measure(
  stream: Reader,
  task: Task,
  examples: readonly Example[],
  { head, output }: { head: HeadSpec; output: Coding },
): Metrics | null {
  const asked = examples.filter((example) => askedOf(task, example) > 0);
  if (asked.length === 0) return null;
  const wanted = asked.map(({ sequence, answer }) =>
    task === 'next' ? cutTable(sequence, 1, sequence.length) : answer,
  );
  const said = asked.map((example, at) => predictionsOf(stream, task, example, wanted[at], output));
  const predictions = said.flat();
  if (output.kind === 'classes') return ofClasses(wanted, predictions, output.classes);
  return ofNumbers(wanted, predictions, head.kind === 'numbers' && head.loss.kind === 'binary');
}

/** A prediction, and whether the right class is among the first five: of large vocabularies not all probabilities can be kept. */
interface Said {
  value: Value;
  isAmongFirst: boolean;
}

/** What is said at the steps of an example that are asked for. */
function predictionsOf(stream: Reader, task: Task, { sequence }: Example, wanted: Table, output: Coding): Said[] {
  const from = task === 'ends' ? sequence.length - 1 : 0;
  const said: Said[] = [];
  const indices = new Map(output.kind === 'classes' ? output.classes.map((name, index) => [name, index]) : []);
  readThrough(stream, sequence, (step) => {
    const at = step - from;
    if (at < 0 || at >= wanted.length) return;
    const { value, probabilities } = stream.predict();
    const index = wanted.kind === 'classes' ? indices.get(wanted.values[at])! : 0;
    said.push({ value, isAmongFirst: probabilities !== undefined && topAccuracy([index], [probabilities], 5) === 1 });
  });
  return said;
}

function ofClasses(wanted: readonly Table[], said: readonly Said[], classes: readonly string[]): Metrics {
  const actual = wanted.flatMap((table) => (table.kind === 'classes' ? table.values : []));
  const metrics = { count: said.length, accuracy: accuracy(actual, said.map(({ value }) => value as string)) };
  if (classes.length <= 5) return metrics;
  return { ...metrics, top5: said.filter(({ isAmongFirst }) => isAmongFirst).length / said.length };
} // prettier-ignore

function ofNumbers(wanted: readonly Table[], said: readonly Said[], isBinary: boolean): Metrics {
  const actual = wanted.flatMap((table) => (table.kind === 'numbers' ? Array.from(table.values) : []));
  const predicted = said.flatMap(({ value }) => (typeof value === 'number' ? [value] : Array.from(value as Float64Array))); // prettier-ignore
  const count = said.length;
  if (!isBinary) return { count, meanAbsoluteError: meanAbsoluteError(actual, predicted) };
  const isYes = (value: number): boolean => value >= 0.5;
  return { count, accuracy: accuracy(actual.map(isYes), predicted.map(isYes)) };
}
