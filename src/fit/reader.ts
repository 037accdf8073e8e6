import type { Kernels } from '../tensor/index.ts';
import type { Value } from './prediction.ts';
import type { Task } from './problem.ts';
import { Stream, type ModelParts } from './stream.ts';
import type { Table } from './table.ts';
import { WholeReader } from './whole-reader.ts';

/** What reads sequences for a model: step by step, or as a whole where it is bidirectional. */
export type Reader<V extends Value = Value> = Stream<V> | WholeReader<V>;

/** The reader that a model takes. */
export function createReader<V extends Value>(parts: ModelParts, task: Task, kernels: Kernels): Reader<V> {
  return parts.spec.lstm.bidirectional ? new WholeReader<V>(parts, task, kernels) : new Stream<V>(parts, kernels);
}

/** Has a sequence read from its beginning; `atStep` hears of each step, and can have what is said there. */
export function readThrough(stream: Reader, table: Table, atStep?: (step: number) => void): void {
  if (stream instanceof WholeReader) {
    stream.through(table, atStep);
    return;
  }
  stream.reset();
  for (let step = 0; step < table.length; step++) {
    stream.read(stepOf(table, step));
    atStep?.(step);
  }
}

function stepOf(table: Table, step: number): string | number | Float64Array {
  if (table.kind === 'classes') return table.values[step];
  return table.width === 1 ? table.values[step] : table.values.subarray(step * table.width, (step + 1) * table.width);
}
