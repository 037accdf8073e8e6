import { accuracy, meanAbsoluteError, topAccuracy, type HeadSpec } from '../nn/index.ts';
import type { Coding } from './coding.ts';
import type { Prediction } from './prediction.ts';
import { askedOf, type Example, type Task } from './problem.ts';
import { readThrough, type Stream } from './stream.ts';
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
  stream: Stream,
  task: Task,
  examples: readonly Example[],
  { head, output }: { head: HeadSpec; output: Coding },
): Metrics | null {
  const asked = examples.filter((example) => askedOf(task, example) > 0);
  if (asked.length === 0) return null;
  const said = asked.flatMap((example) => predictionsOf(stream, task, example));
  const wanted = asked.map(({ sequence, answer }) => (task === 'next' ? cutTable(sequence, 1, sequence.length) : answer)); // prettier-ignore
  if (output.kind === 'classes') return ofClasses(wanted, said, output.classes);
  return ofNumbers(wanted, said, head.kind === 'numbers' && head.loss.kind === 'binary');
}

/** What is said at the steps of an example that are asked for. */
function predictionsOf(stream: Stream, task: Task, example: Example): Prediction[] {
  const asked = askedOf(task, example);
  const from = task === 'ends' ? example.sequence.length - 1 : 0;
  const said: Prediction[] = [];
  readThrough(stream, example.sequence, (step) => {
    if (step >= from && step < from + asked) said.push(stream.predict());
  });
  return said;
}

function ofClasses(wanted: readonly Table[], said: readonly Prediction[], classes: readonly string[]): Metrics {
  const actual = wanted.flatMap((table) => (table.kind === 'classes' ? table.values : []));
  const predicted = said.map(({ value }) => value as string);
  const metrics = { count: said.length, accuracy: accuracy(actual, predicted) };
  if (classes.length <= 5) return metrics;
  const indices = new Map(classes.map((name, index) => [name, index]));
  const numbers = actual.map((name) => indices.get(name)!);
  const probabilities = said.map((prediction) => prediction.probabilities!);
  return { ...metrics, top5: topAccuracy(numbers, probabilities, 5) };
}

function ofNumbers(wanted: readonly Table[], said: readonly Prediction[], isBinary: boolean): Metrics {
  const actual = wanted.flatMap((table) => (table.kind === 'numbers' ? Array.from(table.values) : []));
  const predicted = said.flatMap(({ value }) => (typeof value === 'number' ? [value] : Array.from(value as Float64Array))); // prettier-ignore
  const count = said.length;
  if (!isBinary) return { count, meanAbsoluteError: meanAbsoluteError(actual, predicted) };
  const isYes = (value: number): boolean => value >= 0.5;
  return { count, accuracy: accuracy(actual.map(isYes), predicted.map(isYes)) };
}
