import type { Batch } from '../../src/nn/batch.ts';
import type { ParameterSet } from '../../src/nn/parameters.ts';
import { headSize, type HeadSpec, type ModelSpec } from '../../src/nn/spec.ts';

/** The state of one sequence: h and c of every layer. */
export interface NaiveState {
  h: number[][];
  c: number[][];
}

const sigma = (z: number): number => 1 / (1 + Math.exp(-z));

/** What stands at [row, column] of a parameter. */
function element(parameters: ParameterSet, name: string) {
  const { data, shape } = parameters.get(name);
  const columns = shape[shape.length - 1];
  return (row: number, column: number): number => data[row * columns + column];
}

/** The first layer's input at row `row` of a batch: one-hot vectors, embeddings, features. */
export function inputVector(spec: ModelSpec, batch: Batch, row: number, parameters?: ParameterSet): number[] {
  const { categories, features, combine = 'sum' } = spec.inputs;
  const oneHot = categories.flatMap(({ size, width }, k) =>
    width === undefined ? Array.from({ length: size }, (_, c) => (batch.categories[k][row] === c ? 1 : 0)) : [],
  );
  const embedded = categories.flatMap(({ name, width }, k) => {
    if (width === undefined) return [];
    const table = element(parameters!, `embeddings.${name}`);
    return [Array.from({ length: width }, (_, j) => table(batch.categories[k][row], j))];
  });
  const summed =
    embedded.length === 0 ? [] : embedded[0].map((_, j) => embedded.reduce((sum, each) => sum + each[j], 0));
  const F = features.length;
  return [
    ...oneHot,
    ...(combine === 'join' ? embedded.flat() : summed),
    ...Array.from({ length: F }, (_, f) => batch.features[row * F + f]),
  ];
}

/** What a head says of the outputs x of the last layer, given the classes of the heads that it reads. */
function naiveHead(head: HeadSpec, parameters: ParameterSet, x: number[], classOf: (name: string) => number): number[] {
  const of = (part: string) => element(parameters, `heads.${head.name}.${part}`);
  const { reads = [], hidden = 0 } = head;
  const affine = (prefix: string, count: number): number[] =>
    Array.from({ length: count }, (_, k) => {
      const direct = x.reduce((sum, value, j) => sum + value * of(`${prefix}kernel`)(j, k), of(`${prefix}bias`)(0, k));
      return reads.reduce((sum, name) => sum + of(`${prefix}from.${name}`)(classOf(name), k), direct);
    });
  const units = hidden === 0 ? [] : affine('hidden.', hidden).map((z) => Math.max(0, z));
  const logits = affine('', headSize(head));
  return logits.map((logit, k) => units.reduce((sum, unit, j) => sum + unit * of('hidden.out')(j, k), logit));
}

/**
 * A model run forward the way a textbook writes it, one sequence, one step, one unit at a time, in plain arrays: the judge of
 * the layers' bookkeeping. Without dropout.
 *
 * @param state where the sequence starts; zeros unless given; holds the state after the last step afterwards
 * @returns what each head gives at each step: outputs[t][head][k]
 */
export function naiveForward(
  spec: ModelSpec,
  parameters: ParameterSet,
  batch: Batch,
  sequence: number,
  state: NaiveState = zeroState(spec),
): number[][][] {
  const { layers, hiddenSize: H } = spec.lstm;
  const outputs: number[][][] = [];
  for (let t = 0; t < batch.steps; t++) {
    let x = inputVector(spec, batch, t * batch.size + sequence, parameters);
    // Where the last step alone is judged there are no classes before it, and nothing reads what the heads say there.
    const at = spec.lossOn === 'last' ? sequence : t * batch.size + sequence;
    const judged = spec.lossOn === 'all' || t === batch.steps - 1;
    const classOf = (name: string): number => (judged ? (batch.targets?.[name][at] ?? 0) : 0);
    for (let layer = 0; layer < layers; layer++) {
      const kernel = element(parameters, `lstm.${layer}.kernel`);
      const recurrent = element(parameters, `lstm.${layer}.recurrent_kernel`);
      const bias = element(parameters, `lstm.${layer}.bias`);
      const [hPrev, cPrev] = [state.h[layer], state.c[layer]];
      const z = (column: number): number =>
        x.reduce((sum, value, k) => sum + value * kernel(k, column), bias(0, column)) +
        hPrev.reduce((sum, value, k) => sum + value * recurrent(k, column), 0);
      const unit = Array.from({ length: H }, (_, j) => {
        const c = sigma(z(H + j)) * cPrev[j] + sigma(z(j)) * Math.tanh(z(2 * H + j));
        return { c, h: sigma(z(3 * H + j)) * Math.tanh(c) };
      });
      state.c[layer] = unit.map(({ c }) => c);
      state.h[layer] = x = unit.map(({ h }) => h);
    }
    outputs.push(spec.heads.map((head) => naiveHead(head, parameters, x, classOf)));
  }
  return outputs;
}

export function zeroState({ lstm: { layers, hiddenSize } }: ModelSpec): NaiveState {
  const zeros = (): number[][] => Array.from({ length: layers }, () => Array<number>(hiddenSize).fill(0));
  return { h: zeros(), c: zeros() };
}

/** The mean loss of each head over the rows that the model judges, from the outputs of all sequences. */
export function naiveLosses(spec: ModelSpec, batch: Batch, outputs: number[][][][]): number[] {
  const steps = spec.lossOn === 'last' ? [batch.steps - 1] : Array.from({ length: batch.steps }, (_, t) => t);
  return spec.heads.map((head, index) => {
    const rows = steps.flatMap((t, at) =>
      outputs.map((sequence, b) => {
        const out = sequence[t][index];
        const target = batch.targets![head.name][at * batch.size + b];
        if (head.kind === 'scalar') return (out[0] - target) ** 2 + head.positivePressure * Math.max(0, -out[0]);
        return Math.log(out.reduce((sum, logit) => sum + Math.exp(logit), 0)) - out[target];
      }),
    );
    return rows.reduce((a, b) => a + b, 0) / rows.length;
  });
}
