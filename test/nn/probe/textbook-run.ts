import {
  CELLS,
  headSize,
  type HeadSpec,
  type ModelSpec,
  type NamedArrays,
  type Recording,
} from '../../../src/nn/index.ts';
import { cellOf } from '../../../src/nn/spec.ts';
import { textbookStep } from './textbook-cells.ts';

/** What is changed of a run: numbers added to the cell or the output of a layer at one step, before anybody reads them. */
export interface Nudge {
  layer: number;
  step: number;
  part: 'h' | 'c';
  unit: number;
  by: number;
}

/**
 * A model run as a textbook writes it, in plain float64, on input vectors rather than classes, so that anything in it can be
 * nudged: the judge of gradients in states and inputs.
 *
 * @param inputs the vectors that enter, one-hot parts included, a row a step
 * @param state h and c of every layer before the first step
 * @param takenOf the class of a head at a step that heads after it read
 * @returns out[t][head][k]
 */
export function textbookRun(
  spec: ModelSpec,
  weights: NamedArrays,
  inputs: ArrayLike<number>[],
  state: { h: ArrayLike<number>[]; c?: ArrayLike<number>[] },
  nudge?: Nudge,
  takenOf: (head: string, step: number) => number = () => 0,
): number[][][] {
  const h = state.h.map((values) => Array.from(values));
  const c = h.map((values, layer) => Array.from(state.c?.[layer] ?? values));
  const { prefix } = CELLS[cellOf(spec)];
  return inputs.map((vector, t) => {
    let x = embeddedVector(spec, weights, vector);
    for (let layer = 0; layer < spec.lstm.layers; layer++) {
      const of = (part: string): ArrayLike<number> => weights[`${prefix}.${layer}.${part}`];
      const here = nudge?.layer === layer && nudge.step === t ? nudge : undefined;
      const nudgeC = (values: number[]): number[] =>
        values.map((value, j) => value + (here?.part === 'c' && here.unit === j ? here.by : 0));
      const step = textbookStep(cellOf(spec), of, { x, hPrev: h[layer], cPrev: c[layer] }, nudgeC);
      c[layer] = step.c ?? c[layer];
      h[layer] = step.h.map((value, j) => value + (here?.part === 'h' && here.unit === j ? here.by : 0));
      x = h[layer];
    }
    const top = x;
    return spec.heads.map((head) => {
      const of = (part: string) => weights[`heads.${head.name}.${part}`];
      const { reads = [], hidden = 0 } = head;
      const affine = (prefix: string, size: number): number[] =>
        Array.from({ length: size }, (_, k) => {
          const direct = top.reduce((sum, value, j) => sum + value * of(`${prefix}kernel`)[j * size + k], of(`${prefix}bias`)[k]);
          return reads.reduce((sum, name) => sum + of(`${prefix}from.${name}`)[takenOf(name, t) * size + k], direct);
        }); // prettier-ignore
      const size = headSize(head);
      const units = hidden === 0 ? [] : affine('hidden.', hidden).map((z) => Math.max(0, z));
      return affine('', size).map((logit, k) => units.reduce((sum, unit, j) => sum + unit * of('hidden.out')[j * size + k], logit)); // prettier-ignore
    });
  });
}

/** What enters the first layer: one-hot parts, the rows of embedded classes (each as strong as its part is), features. */
function embeddedVector(spec: ModelSpec, weights: NamedArrays, vector: ArrayLike<number>): number[] {
  const { categories, features, combine } = spec.inputs;
  const oneHot: number[] = [];
  const embedded: number[][] = [];
  let at = 0;
  for (const { name, size, width } of categories) {
    const part = Array.from({ length: size }, () => vector[at++]);
    if (width === undefined) oneHot.push(...part);
    else {
      const table = weights[`embeddings.${name}`];
      embedded.push(Array.from({ length: width }, (_, j) => part.reduce((sum, x, c) => sum + x * table[c * width + j], 0))); // prettier-ignore
    }
  }
  const sum = embedded.length === 0 ? [] : embedded[0].map((_, j) => embedded.reduce((all, each) => all + each[j], 0));
  return [
    ...oneHot,
    ...(combine === 'join' ? embedded.flat() : sum),
    ...Array.from({ length: features.length }, () => vector[at++]),
  ];
}

/** The classes that a recording took, for a run that begins at its step `start`. */
export function takenIn({ heads }: Recording, start = 0): (head: string, step: number) => number {
  return (name, step) => heads.find((head) => head.name === name)!.taken![start + step];
}

/** The vectors that a sequence's steps are to the network: one-hot parts, then features. */
export function inputVectors(
  spec: ModelSpec,
  sequence: { length: number; categories: ArrayLike<number>[]; features: ArrayLike<number> },
): number[][] {
  const F = spec.inputs.features.length;
  return Array.from({ length: sequence.length }, (_, t) => [
    ...spec.inputs.categories.flatMap(({ size }, k) =>
      Array.from({ length: size }, (_, j) => (sequence.categories[k][t] === j ? 1 : 0)),
    ),
    ...Array.from({ length: F }, (_, f) => sequence.features[t * F + f]),
  ]);
}

/** log p of a class from a row of logits, or the number itself. */
export function said(kind: HeadSpec['kind'], out: number[], chosen: number): number {
  if (kind === 'scalar') return out[0];
  return out[chosen] - Math.log(out.reduce((sum, logit) => sum + Math.exp(logit), 0));
}
