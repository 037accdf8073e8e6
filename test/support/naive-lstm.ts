import type { Batch } from '../../src/nn/batch.ts';
import type { ParameterSet } from '../../src/nn/parameters.ts';
import { headSize, type ModelSpec } from '../../src/nn/spec.ts';

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

/** The first layer's input at row `row` of a batch, categories as one-hot vectors. */
export function inputVector(spec: ModelSpec, batch: Batch, row: number): number[] {
  const oneHot = spec.inputs.categories.flatMap(({ size }, k) =>
    Array.from({ length: size }, (_, c) => (batch.categories[k][row] === c ? 1 : 0)),
  );
  const F = spec.inputs.features.length;
  return [...oneHot, ...Array.from({ length: F }, (_, f) => batch.features[row * F + f])];
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
    let x = inputVector(spec, batch, t * batch.size + sequence);
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
    outputs.push(
      spec.heads.map((head) => {
        const kernel = element(parameters, `heads.${head.name}.kernel`);
        const bias = element(parameters, `heads.${head.name}.bias`);
        return Array.from({ length: headSize(head) }, (_, k) =>
          x.reduce((sum, value, j) => sum + value * kernel(j, k), bias(0, k)),
        );
      }),
    );
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
