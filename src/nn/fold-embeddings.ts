import type { Floats } from '../tensor/index.ts';
import { CELLS } from './cells/kinds.ts';
import { cellOf, cellPlaces, embeddingWidth, layerWidth, type ModelSpec } from './spec.ts';

/** An architecture with the numbers of its weights, rounded to float32 or not. */
export interface Weights {
  spec: ModelSpec;
  parameters: Readonly<Record<string, Floats>>;
}

/**
 * The same network with one-hot inputs in place of embeddings. The row that an embedding e adds to the gates is e · kernel, one
 * row a class: formed once, it is a row of a larger kernel, and a step looks it up. For running and looking, where weights
 * stay as they are; products are formed, and stay, in double precision.
 *
 * Without embeddings it is the model that was given.
 */
export function foldEmbeddings({ spec, parameters }: Weights): Weights {
  const { categories, features } = spec.inputs;
  if (categories.every(({ width }) => width === undefined)) return { spec, parameters };
  const { prefix, gates } = CELLS[cellOf(spec)];
  const folded = { ...parameters };
  for (const place of cellPlaces(spec, 0)) {
    const kernel = `${prefix}.${place}.kernel`;
    folded[kernel] = foldKernel({ spec, parameters }, parameters[kernel], gates.length * layerWidth(spec, 0));
  }
  for (const { name, width } of categories)
    if (width !== undefined) Reflect.deleteProperty(folded, `embeddings.${name}`);
  const inputs = { categories: categories.map(({ name, size }) => ({ name, size })), features };
  return { spec: { ...spec, inputs }, parameters: folded };
}

/** The kernel of a first layer with rows for classes in place of those for embeddings. */
function foldKernel({ spec, parameters }: Weights, kernel: Floats, columns: number): Float64Array {
  const { categories } = spec.inputs;
  const rows: Floats[] = [];
  const oneHot = categories.reduce((sum, { size, width }) => sum + (width === undefined ? size : 0), 0);
  let [nextOneHot, nextEmbedded] = [0, oneHot];
  for (const { name, size, width } of categories) {
    if (width === undefined) {
      rows.push(kernel.subarray(nextOneHot * columns, (nextOneHot += size) * columns));
      continue;
    }
    const part = kernel.subarray(nextEmbedded * columns, (nextEmbedded + width) * columns);
    rows.push(product(parameters[`embeddings.${name}`], part, width, columns));
    if (spec.inputs.combine === 'join') nextEmbedded += width;
  }
  rows.push(kernel.subarray((oneHot + embeddingWidth(spec)) * columns));
  return joined(rows);
}

/** table[V, K] · kernel[K, N]. */
function product(table: Floats, kernel: Floats, K: number, N: number): Float64Array {
  const V = table.length / K;
  const result = new Float64Array(V * N);
  for (let v = 0; v < V; v++) {
    for (let k = 0; k < K; k++) {
      const factor = table[v * K + k];
      for (let j = 0; j < N; j++) result[v * N + j] += factor * kernel[k * N + j];
    }
  }
  return result;
}

function joined(parts: readonly Floats[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
