import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runNetwork } from './ours.ts';
import type { ModelToExport } from '../../src/interop/index.ts';

const folder = resolve('test/golden/keras');

/** A network of test/golden/make_keras.py, and what it says: of each head [B][T][outputs], or [B][1][outputs] where it is asked once. */
export interface KerasCase {
  name: string;
  inputs: number[][] | number[][][];
  /** What goes into its embeddings, each [B][T], where `inputs` are numbers beside them. */
  classes?: number[][][];
  heads: Record<string, number[][][]>;
}

/** All networks, each with a `.keras` of its name. */
export const { cases } = JSON.parse(readFileSync(`${folder}.json`, 'utf8')) as { cases: KerasCase[] };

/** A file of test/golden/keras. */
export function kerasFile(name: string): Uint8Array {
  return readFileSync(join(folder, name));
}

/** What a model says where Keras is asked, by head, as `KerasCase` has it. */
export function saidBy(model: ModelToExport, { inputs, classes, heads }: KerasCase): Record<string, number[][][]> {
  const [size, steps] = [inputs.length, inputs[0].length];
  // Time-major, as batches are.
  const rowsOf = <T>(values: readonly T[][]): T[] => Array.from({ length: steps * size }, (_, row) => values[row % size][Math.floor(row / size)]); // prettier-ignore
  const rows = rowsOf<number | number[]>(inputs);
  const isClasses = typeof rows[0] === 'number';
  const said = runNetwork(model, {
    size,
    steps,
    categories: classes ? classes.map(rowsOf) : isClasses ? [rows as number[]] : [],
    features: isClasses ? [] : (rows as number[][]).flat(),
  }).heads;
  return Object.fromEntries(
    model.spec.heads.map(({ name }, k) => {
      const asked = heads[name][0].length;
      const width = heads[name][0][0].length;
      // Of a model in one direction all steps are there, also where Keras gives the last alone.
      const from = said[k].length / (size * width) - asked;
      const at = (b: number, t: number): number => ((from + t) * size + b) * width;
      return [name, Array.from({ length: size }, (_, b) => Array.from({ length: asked }, (_, t) => [...said[k].subarray(at(b, t), at(b, t) + width)]))]; // prettier-ignore
    }),
  );
}
