/** Something that adds to a gate's pre-activation: an input, a unit of the step before, the bias. */
export interface Term {
  name: string;
  /** What came in; 1 for a class that is on, and for the bias. */
  value: number;
  weight: number;
}

/** The sum of one gate: z = Σ value · weight, and what the gate makes of it. */
export interface GateArithmetic {
  gate: 'i' | 'f' | 'g' | 'o';
  inputs: Term[];
  recurrent: Term[];
  bias: number;
  /** The sums of the terms. */
  inputSum: number;
  recurrentSum: number;
  z: number;
  /** σ(z), tanh(z) for g. */
  activation: number;
}

/** One unit at one step, all numbers of the LSTM's equations. */
export interface CellArithmetic {
  layer: number;
  unit: number;
  at: number;
  gates: GateArithmetic[];
  previousC: number;
  c: number;
  tanhC: number;
  h: number;
}

/** What a cell is computed from. */
export interface CellInputs {
  layer: number;
  unit: number;
  at: number;
  /** What stands at each row of the kernel that is not zero: classes that are on, features, outputs of the layer below. */
  inputs: { name: string; row: number; value: number }[];
  previousH: ArrayLike<number>;
  previousC: number;
  /** [rows, 4H], [H, 4H] and [4H], the gates in the order i f g o. */
  kernel: ArrayLike<number>;
  recurrentKernel: ArrayLike<number>;
  bias: ArrayLike<number>;
}

const GATES = ['i', 'f', 'g', 'o'] as const;

/**
 * The LSTM's equations for one unit at one step, every term by itself (Hochreiter and Schmidhuber 1997, with the forget gate
 * of Gers et al. 2000): z = x·W + h'·U + b for each gate; c = f·c' + i·g; h = o·tanh c.
 */
export function cellArithmetic(from: CellInputs): CellArithmetic {
  const { layer, unit, at, previousC } = from;
  const gates = GATES.map((gate, index) => gateArithmetic(from, gate, index));
  const [i, f, g, o] = gates.map(({ activation }) => activation);
  const c = f * previousC + i * g;
  const tanhC = Math.tanh(c);
  return { layer, unit, at, gates, previousC, c, tanhC, h: o * tanhC };
}

function gateArithmetic(from: CellInputs, gate: (typeof GATES)[number], index: number): GateArithmetic {
  const { unit, previousH, kernel, recurrentKernel, bias } = from;
  const units = previousH.length;
  const column = index * units + unit;
  const inputs = from.inputs.map(({ name, row, value }) => ({ name, value, weight: kernel[row * 4 * units + column] }));
  const recurrent = Array.from(previousH, (value, k) => {
    return { name: `unit ${k + 1}`, value, weight: recurrentKernel[k * 4 * units + column] };
  });
  const inputSum = sumOf(inputs);
  const recurrentSum = sumOf(recurrent);
  const z = inputSum + recurrentSum + bias[column];
  const activation = gate === 'g' ? Math.tanh(z) : 1 / (1 + Math.exp(-z));
  return { gate, inputs, recurrent, bias: bias[column], inputSum, recurrentSum, z, activation };
}

function sumOf(terms: readonly Term[]): number {
  return terms.reduce((sum, { value, weight }) => sum + value * weight, 0);
}

/** The terms that weigh most, in falling order of |value · weight|. */
export function strongest(terms: readonly Term[], count: number): Term[] {
  const size = ({ value, weight }: Term): number => Math.abs(value * weight);
  return [...terms].sort((a, b) => size(b) - size(a)).slice(0, count);
}
