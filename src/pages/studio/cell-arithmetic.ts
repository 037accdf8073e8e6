import { gatesOf, opens, type CellKind, type Quantity } from '../../nn/cells/kinds.ts';
import { LAYER_NORM_EPSILON } from '../../tensor/reference/layer-norm.ts';
import { sigmoid } from '../../tensor/reference/lstm-cell.ts';

/** Something that adds to a pre-activation: an input, a unit of the step before, a peephole. */
export interface Term {
  name: string;
  /** What came in; 1 for a class that is on. */
  value: number;
  /** What it is multiplied by in the end, whatever scales it on its way. */
  weight: number;
}

/** The sum of one gate, or of an output without gates: z = Σ value · weight + bias, and what is made of it. */
export interface GateArithmetic {
  /** Its name; `h` of a plain RNN. */
  gate: Quantity;
  inputs: Term[];
  recurrent: Term[];
  /** What no input and no unit of the step before brings: peepholes, and the means that layer normalisation takes away. */
  others: Term[];
  bias: number;
  /** The sums of the terms. */
  inputSum: number;
  recurrentSum: number;
  otherSum: number;
  z: number;
  /** σ(z), or tanh(z) of a candidate or an output. */
  activation: number;
}

/** A state as a sum of products: `c = f·c′ + i·g`. */
export interface StateEquation {
  name: 'c' | 'h';
  words: string;
  products: [number, number][];
  result: number;
}

/** One unit at one step, all numbers of its cell's equations. */
export interface CellArithmetic {
  cell: CellKind;
  layer: number;
  unit: number;
  at: number;
  gates: GateArithmetic[];
  states: StateEquation[];
}

/** What a cell is computed from. */
export interface CellInputs {
  cell: CellKind;
  layer: number;
  unit: number;
  at: number;
  /** What stands at each row of the kernel that is not zero: classes that are on, features, outputs of the layer below. */
  inputs: { name: string; row: number; value: number }[];
  /** The outputs of the layer before the step, [H]. */
  previousH: ArrayLike<number>;
  /** The unit's cell before the step, where it has one. */
  previousC: number;
  /** The layer's parameters by their names without it: `kernel` [rows, K * H] and so on (docs/cells.md). */
  parameters: Readonly<Record<string, ArrayLike<number>>>;
  /** What all units of the layer did at this step, where a cell needs to know: reset gates [H], cells [H]. */
  all: { r?: ArrayLike<number>; c?: ArrayLike<number> };
}

/**
 * The equations of one unit at one step, every term by itself, as `src/nn/cells` has them. Cells differ in what scales a product
 * on its way into a sum, and in how the state follows from the gates.
 */
export function cellArithmetic(from: CellInputs): CellArithmetic {
  const { cell, layer, unit, at } = from;
  const computed = cell === 'rnn' ? plainUnit(from) : cell.startsWith('gru') ? gruUnit(from) : lstmUnit(from);
  return { cell, layer, unit, at, ...computed };
}

type Computed = Pick<CellArithmetic, 'gates' | 'states'>;

function plainUnit(from: CellInputs): Computed {
  const sum = gateSum(from, 'h', 0, 1);
  return { gates: [sum], states: [{ name: 'h', words: 'tanh z', products: [], result: sum.activation }] };
}

function gruUnit(from: CellInputs): Computed {
  const { cell, unit, previousH, parameters, all } = from;
  const H = previousH.length;
  const [r, z] = [0, 1].map((k) => gateSum(from, gatesOf(cell)[k], k, 3, { columns: 2 * H }));
  // Behind the product the gate of this unit scales it; before it each unit's own gate scales what goes in.
  const after = cell === 'gru';
  const n = gateSum(from, 'n', 2, 3, {
    kernel: parameters.candidate_kernel,
    columns: H,
    column: unit,
    scale: (k) => (after ? r.activation : all.r![k]),
    bias: after ? r.activation * parameters.candidate_bias[unit] : 0,
  });
  const products: [number, number][] = [[1 - z.activation, n.activation], [z.activation, previousH[unit]]]; // prettier-ignore
  return { gates: [r, z, n], states: [{ name: 'h', words: '(1 − z)·n + z·h′', products, result: total(products) }] };
}

function lstmUnit(from: CellInputs): Computed {
  const { cell, previousC } = from;
  const [i, f, g] = (['i', 'f', 'g'] as const).map((gate, k) => lstmGate(from, gate, k, previousC));
  const kept: [number, number][] = [[f.activation, previousC], [i.activation, g.activation]]; // prettier-ignore
  const c = total(kept);
  const o = lstmGate(from, 'o', 3, c);
  const given: [number, number][] = [[o.activation, Math.tanh(cell === 'lstm-norm' ? normalisedCell(from) : c)]];
  return {
    gates: [i, f, g, o],
    states: [
      { name: 'c', words: 'f·c′ + i·g', products: kept, result: c },
      {
        name: 'h',
        words: cell === 'lstm-norm' ? 'o·tanh(gain·LN(c) + bias)' : 'o·tanh c',
        products: given,
        result: total(given),
      },
    ],
  };
}

/** @param seen the cell that a peephole of the gate sees: before the step, and of the output gate after it */
function lstmGate(from: CellInputs, gate: Quantity, block: number, seen: number): GateArithmetic {
  const { cell, unit, previousH, parameters } = from;
  const H = previousH.length;
  if (cell === 'lstm-peephole' && gate !== 'g') {
    const weight = parameters.peephole[['i', 'f', 'o'].indexOf(gate) * H + unit];
    return gateSum(from, gate, block, 4, { others: [{ name: gate === 'o' ? 'its cell' : 'its cell before', value: seen, weight }] }); // prettier-ignore
  }
  if (cell !== 'lstm-norm') return gateSum(from, gate, block, 4);
  const column = block * H + unit;
  const [x, h] = [
    normalise(products(from.inputs, parameters.kernel, 4 * H)),
    normalise(products(rowsOf(previousH), parameters.recurrent_kernel, 4 * H)),
  ];
  const [gx, gh] = [parameters.input_gain[column] * x.inverse, parameters.recurrent_gain[column] * h.inverse];
  return gateSum(from, gate, block, 4, {
    inputScale: gx,
    scale: () => gh,
    others: [
      { name: 'mean of x·W, taken away', value: x.mean, weight: -gx },
      { name: 'mean of h′·U, taken away', value: h.mean, weight: -gh },
    ],
  });
}

/** gain · LN(c) + bias of the unit. */
function normalisedCell({ unit, parameters, all }: CellInputs): number {
  const { mean, inverse } = normalise(Array.from(all.c!));
  return parameters.cell_gain[unit] * (all.c![unit] - mean) * inverse + parameters.cell_bias[unit];
}

/** What differs from the plain sum x·W + h′·U + b of a gate. */
interface SumOptions {
  /** The recurrent kernel, its columns, and which of them is this unit's gate's. */
  kernel?: ArrayLike<number>;
  columns?: number;
  column?: number;
  /** What scales the products of all inputs, and of each unit of the step before. */
  inputScale?: number;
  scale?: (unit: number) => number;
  others?: Term[];
  /** What is added to the bias. */
  bias?: number;
}

/** @param block which of the `blocks` of H columns in kernel and bias is the gate's */
function gateSum(
  from: CellInputs,
  gate: Quantity,
  block: number,
  blocks: number,
  options: SumOptions = {},
): GateArithmetic {
  const { unit, previousH, parameters } = from;
  const H = previousH.length;
  const own = block * H + unit;
  const { kernel = parameters.recurrent_kernel, columns = blocks * H, column = own } = options;
  const { inputScale = 1, scale = () => 1, others = [] } = options;
  const inputs = from.inputs.map(({ name, row, value }) => {
    return { name, value, weight: inputScale * parameters.kernel[row * blocks * H + own] };
  });
  const recurrent = Array.from(previousH, (value, k) => {
    return { name: `unit ${k + 1}`, value, weight: scale(k) * kernel[k * columns + column] };
  });
  const bias = parameters.bias[own] + (options.bias ?? 0);
  const [inputSum, recurrentSum, otherSum] = [inputs, recurrent, others].map(sumOf);
  const z = inputSum + recurrentSum + otherSum + bias;
  const activation = opens(gate) ? sigmoid(z) : Math.tanh(z);
  return { gate, inputs, recurrent, others, bias, inputSum, recurrentSum, otherSum, z, activation };
}

function rowsOf(values: ArrayLike<number>): { row: number; value: number }[] {
  return Array.from(values, (value, row) => ({ row, value }));
}

/** Σ value · row of a kernel, [columns]. */
function products(
  rows: readonly { row: number; value: number }[],
  kernel: ArrayLike<number>,
  columns: number,
): number[] {
  return Array.from({ length: columns }, (_, j) =>
    rows.reduce((sum, { row, value }) => sum + value * kernel[row * columns + j], 0),
  );
}

/** The mean of some numbers, and one through their spread. */
function normalise(values: readonly number[]): { mean: number; inverse: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, inverse: 1 / Math.sqrt(variance + LAYER_NORM_EPSILON) };
}

function total(products: readonly [number, number][]): number {
  return products.reduce((sum, [a, b]) => sum + a * b, 0);
}

function sumOf(terms: readonly Term[]): number {
  return terms.reduce((sum, { value, weight }) => sum + value * weight, 0);
}

/** The terms that weigh most, in falling order of |value · weight|. */
export function strongest(terms: readonly Term[], count: number): Term[] {
  const size = ({ value, weight }: Term): number => Math.abs(value * weight);
  return [...terms].sort((a, b) => size(b) - size(a)).slice(0, count);
}
