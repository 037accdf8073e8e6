import { layOut } from '../../src/nn/gpu/layout.ts';
import type { Kernels, Shape, Tensor } from '../../src/tensor/index.ts';
import * as optimizer from '../../src/tensor/gpu/optimizer.kernels.ts';
import type { DeviceArray, KernelConstants } from '../../src/tensor/gpu/plan.ts';
import * as backwards from '../../src/tensor/gpu/recurrent-backward.kernels.ts';
import * as forwards from '../../src/tensor/gpu/recurrent-forward.kernels.ts';
import * as weights from '../../src/tensor/gpu/weight-gradients.kernels.ts';
import { mulberry32, workloadSpec, type WorkloadShape } from '../workload.ts';

/** A number as double precision has it, and the magnitudes that make it up. */
export interface Exact {
  value: number;
  magnitude: number;
}

/** One kernel of gpu.js at one shape: what it is given, what is right, and what our own kernels do for the same. */
export interface GpuKernelCase {
  operation: string;
  shape: string;
  /** Multiplications and additions of the matrix products; 0 where there are none. */
  flops: number;
  /** How many roundings of 2^-24 of its magnitude a number may be off. */
  units: number;
  source: (...args: never[]) => number;
  output: readonly number[];
  constants: KernelConstants;
  args: readonly (DeviceArray | number)[];
  exact(z: number, y: number, x: number): Exact;
  /** The same work with our own kernels, laid out in their memory with the same numbers. */
  ours(kernels: Kernels): () => void;
}

/** An array with its numbers in reach: at(z, y, x). */
interface Filled extends DeviceArray {
  at(z: number, y: number, x: number): number;
}

type Sizes = Pick<WorkloadShape, 'batchSize' | 'seqLength' | 'hiddenSize'>;

/** The kernels in which a training step of a layer above another spends its time, the shortest product first. */
export function gpuKernelCases(shape: Sizes): GpuKernelCase[] {
  return [recurrentStep, projection, weightGradients, inputGradient, adamStep].map((make) => make(new Bench(shape)));
}

/** Operands of one case, the same at every call. */
class Bench {
  readonly B: number;
  readonly T: number;
  readonly H: number;
  readonly constants: Record<string, number>;
  readonly #random = mulberry32(20260101);

  constructor({ batchSize, seqLength, hiddenSize }: Sizes) {
    [this.B, this.T, this.H] = [batchSize, seqLength, hiddenSize];
    const spec = workloadSpec({ batchSize, seqLength, hiddenSize, layers: 2 });
    this.constants = layOut(spec, { batchSize, steps: seqLength }).layers[1].constants;
  }

  /** Uniform numbers in [-size, size). */
  array(sizes: readonly number[], size = 1): Filled {
    const [x, y = 1, z = 1] = sizes;
    const data = Float32Array.from({ length: x * y * z }, () => size * (2 * this.#random() - 1));
    return { data, size: sizes, at: (k, j, i) => data[(k * y + j) * x + i] };
  }
}

function sum(terms: number, term: (index: number) => number, start = 0): Exact {
  let [value, magnitude] = [start, Math.abs(start)];
  for (let index = 0; index < terms; index++) {
    const each = term(index);
    value += each;
    magnitude += Math.abs(each);
  }
  return { value, magnitude };
}

/** A tensor in the memory of some kernels, filled with what `value` gives for each row and column. */
function tensor(kernels: Kernels, shape: Shape, value: (row: number, column: number) => number): Tensor {
  const made = kernels.arena.tensor(shape);
  const columns = shape.at(-1)!;
  for (let at = 0; at < made.data.length; at++) made.data[at] = value(Math.floor(at / columns), at % columns);
  return made;
}
const zero = (): number => 0;

/** The input's part of the gates, all steps at once: a product of [T·B, H] and [H, 4H], and the bias. */
function projection(bench: Bench): GpuKernelCase {
  const { B, T, H, constants } = bench;
  // Of each step two planes, outputs and cells.
  const [pack, below] = [bench.array([4 * H, 2 * H + 1, 3]), bench.array([H, B, 2 * T])];
  return {
    operation: 'input projection',
    shape: `${T * B}x${H}x${4 * H}`,
    flops: 2 * T * B * H * 4 * H,
    units: H + 2,
    source: forwards.projectBelow,
    output: [4 * H, B, T],
    constants,
    args: [pack, below],
    exact: (t, b, x) => sum(H, (k) => below.at(2 * t, b, k) * pack.at(0, k, x), pack.at(0, 2 * H, x)),
    ours: (kernels) => {
      const input = tensor(kernels, [T * B, H], (row, k) => below.at(2 * Math.floor(row / B), row % B, k));
      const kernel = tensor(kernels, [H, 4 * H], (k, x) => pack.at(0, k, x));
      const bias = tensor(kernels, [4 * H], (_, x) => pack.at(0, 2 * H, x));
      const out = tensor(kernels, [T * B, 4 * H], zero);
      return () => {
        kernels.bias(out, bias);
        kernels.matmul(out, input, kernel);
      };
    },
  };
}

/** One step of the recurrence: a product of [B, H] and [H, 4H], and the cell, h and c. */
function recurrentStep(bench: Bench): GpuKernelCase {
  const { B, H, constants } = bench;
  const size = 1 / Math.sqrt(H);
  const [pack, projected] = [bench.array([4 * H, 2 * H + 1, 3], size), bench.array([4 * H, B, constants.T])];
  const block = bench.array([H, B, 2]);
  const gate = (b: number, x: number): Exact =>
    sum(H, (k) => block.at(0, b, k) * pack.at(0, H + k, x), projected.at(0, b, x));
  const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
  return {
    operation: 'one recurrent step',
    shape: `${B}x${H}x${4 * H}`,
    flops: 2 * B * H * 4 * H,
    units: H + 16,
    source: forwards.stepCell,
    output: [H, B, 2],
    constants,
    args: [pack, projected, block, 0, 0, 0],
    exact: (z, b, j) => {
      const gates = [0, 1, 2, 3].map((k) => gate(b, k * H + j));
      const [i, f, g, o] = gates.map(({ value }) => value);
      const c = sigmoid(f) * block.at(1, b, j) + sigmoid(i) * Math.tanh(g);
      const magnitude = 4 + Math.max(...gates.map((each) => each.magnitude));
      return { value: z === 0 ? sigmoid(o) * Math.tanh(c) : c, magnitude };
    },
    ours: (kernels) => {
      const start = tensor(kernels, [B, 4 * H], (b, x) => projected.at(0, b, x));
      const [h, cBefore] = [0, 1].map((plane) => tensor(kernels, [B, H], (b, k) => block.at(plane, b, k)));
      const recurrent = tensor(kernels, [H, 4 * H], (k, x) => pack.at(0, H + k, x));
      const gates = tensor(kernels, [B, 4 * H], zero);
      const [c, tanhC, out] = [1, 2, 3].map(() => tensor(kernels, [B, H], zero));
      return () => {
        kernels.copy(gates, start);
        kernels.matmul(gates, h, recurrent);
        kernels.lstmCell(gates, cBefore, c, tanhC, out);
      };
    },
  };
}

/** All weight gradients of a layer: products of [H, T·B] and [T·B, 4H] for both kernels, and the sum for the bias. */
function weightGradients(bench: Bench): GpuKernelCase {
  const { B, T, H, constants } = bench;
  const [below, history] = [bench.array([H, B, 2 * T]), bench.array([H, B, 2 * T])];
  const dz = bench.array([4 * H, B, T]);
  const input = (t: number, b: number, y: number): number => {
    if (y === 2 * H) return 1;
    return y < H ? below.at(2 * t, b, y) : t > 0 ? history.at(2 * t - 2, b, y - H) : 0;
  };
  return {
    operation: 'weight gradients',
    shape: `${2 * H}x${T * B}x${4 * H}`,
    flops: 2 * T * B * 2 * H * 4 * H,
    units: T * B + 2,
    source: weights.upperLayerGradient,
    output: [4 * H, 2 * H + 1],
    constants,
    args: [below, history, dz],
    exact: (_, y, x) => sum(T * B, (row) => input(Math.floor(row / B), row % B, y) * dz.at(Math.floor(row / B), row % B, x)), // prettier-ignore
    ours: (kernels) => {
      const rows = (from: Filled, columns: number, planes: number) =>
        tensor(kernels, [T * B, columns], (row, k) => from.at(planes * Math.floor(row / B), row % B, k));
      const [left, before, slopes] = [rows(below, H, 2), rows(history, H, 2), rows(dz, 4 * H, 1)];
      const [dKernel, dRecurrent] = [1, 2].map(() => tensor(kernels, [H, 4 * H], zero));
      const dBias = tensor(kernels, [4 * H], zero);
      return () => {
        kernels.matmulBackwardB(dKernel, left, slopes);
        kernels.matmulBackwardB(dRecurrent, before, slopes);
        kernels.biasBackward(dBias, slopes);
      };
    },
  };
}

/** The gradient for the layer underneath: a product of [T·B, 4H] and [4H, H]. */
function inputGradient(bench: Bench): GpuKernelCase {
  const { B, T, H, constants } = bench;
  const [transposed, dz] = [bench.array([2 * H, 4 * H]), bench.array([4 * H, B, T])];
  return {
    operation: 'input gradient',
    shape: `${T * B}x${4 * H}x${H}`,
    flops: 2 * T * B * H * 4 * H,
    units: 4 * H + 2,
    source: backwards.belowGradient,
    output: [H, B, T],
    constants,
    args: [transposed, dz],
    exact: (t, b, x) => sum(4 * H, (k) => dz.at(t, b, k) * transposed.at(0, k, x)),
    ours: (kernels) => {
      const slopes = tensor(kernels, [T * B, 4 * H], (row, k) => dz.at(Math.floor(row / B), row % B, k));
      const kernel = tensor(kernels, [H, 4 * H], (x, k) => transposed.at(0, k, x));
      const out = tensor(kernels, [T * B, H], zero);
      return () => {
        kernels.matmulBackwardA(out, slopes, kernel);
      };
    },
  };
}

/** Clipping and Adam on all weights of a layer. */
function adamStep(bench: Bench): GpuKernelCase {
  const { H } = bench;
  const rows = 2 * H + 1;
  const pack = bench.array([4 * H, rows, 3]);
  // Second moments are never negative.
  const second = 2 * 4 * H * rows;
  for (let at = second; at < pack.data.length; at++) pack.data[at] = Math.abs(pack.data[at]);
  const gradient = bench.array([4 * H, rows]);
  const [rate, epsilon, beta1, beta2] = [0.005, 1e-7, 0.9, 0.999];
  const rates = { data: Float32Array.of(rate, epsilon, beta1, 1 - beta1, beta2, 1 - beta2, -1), size: [7, 1] };
  const squares = { data: new Float32Array(32).fill(1), size: [32] };
  return {
    operation: 'clip and Adam',
    shape: `${rows}x${4 * H}`,
    flops: 0,
    units: 24,
    source: optimizer.clipAndAdam,
    output: [4 * H, rows, 3],
    constants: { fewer: 32 },
    args: [pack, gradient, squares, rates, 0],
    exact: (z, y, x) => {
      const g = gradient.at(0, y, x);
      const m = sum(2, (term) => (term === 0 ? beta1 * pack.at(1, y, x) : (1 - beta1) * g));
      const v = sum(2, (term) => (term === 0 ? beta2 * pack.at(2, y, x) : (1 - beta2) * g * g));
      if (z > 0) return z === 1 ? m : v;
      const update = rate / (Math.sqrt(v.value) + epsilon);
      const magnitude = Math.abs(pack.at(0, y, x)) + update * m.magnitude;
      return { value: pack.at(0, y, x) - update * m.value, magnitude };
    },
    ours: (kernels) => {
      const [w, m, v] = [0, 1, 2].map((z) => tensor(kernels, [rows, 4 * H], (y, x) => pack.at(z, y, x)));
      const g = tensor(kernels, [rows, 4 * H], (y, x) => gradient.at(0, y, x));
      const settings = { learningRate: rate, beta1, beta2, epsilon, step: 1000 };
      return () => {
        kernels.adam(w, g, m, v, settings);
      };
    },
  };
}
