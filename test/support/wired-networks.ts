import { parameterSpecs, type ModelSpec, type NamedArrays, type Sequence } from '../../src/nn/index.ts';
import { sizeOf } from '../../src/tensor/index.ts';
import { mulberry32 } from './generators.ts';

/** A network whose weights were set by hand, so that what its units do is known. */
export interface WiredNetwork {
  spec: ModelSpec;
  parameters: NamedArrays;
  /** The unit of layer 0 that does what the network was wired for; all others are driven by noise and soon forget. */
  unit: number;
}

/** Deep enough in saturation: σ(20) is 1 and tanh(20) is 1 in float32. */
const OPEN = 20;

/** The z of a forget gate under which half of a cell is gone after `steps` steps: σ(z)^steps = 1/2. */
export function forgetBiasFor(steps: number): number {
  const f = 0.5 ** (1 / steps);
  return Math.log(f / (1 - f));
}

/**
 * Remembers a bit. Symbol 0 says nothing, symbols 1 and 2 write the bit 0 or 1 (as -1 or 1) into the cell of one unit, whose
 * forget gate is constant: half of the cell is forgotten in `halfLife` steps, ln(1/2) / ln(f). The head reads its sign. When
 * bits are written at least `halfLife` steps apart the newest always outweighs the others.
 */
export function rememberingNetwork(halfLife = 100, hiddenSize = 8, unit = 3): WiredNetwork {
  const spec: ModelSpec = {
    inputs: { categories: [{ name: 'symbol', size: 3 }], features: ['noise'] },
    lstm: { layers: 1, hiddenSize, dropout: 0 },
    heads: [{ name: 'bit', kind: 'categorical', size: 2, lossWeight: 1 }],
    lossOn: 'all',
  };
  const parameters = forgetfulNoise(spec, unit);
  const { kernel, bias } = gateWriter(parameters, hiddenSize, unit);
  bias({ i: -OPEN, f: forgetBiasFor(halfLife), g: 0, o: OPEN });
  kernel(1, { i: 2 * OPEN, g: -OPEN });
  kernel(2, { i: 2 * OPEN, g: OPEN });
  parameters['heads.bit.kernel'].set([-10, 10], 2 * unit);
  return { spec, parameters, unit };
}

/** A sequence for `rememberingNetwork`: bits written at some steps; the target at each position is the last bit before it. */
export function bitSequence(length: number, writes: { at: number; bit: 0 | 1 }[], seed = 1): Sequence {
  const random = mulberry32(seed);
  const symbol = new Int32Array(length);
  for (const { at, bit } of writes) symbol[at] = bit + 1;
  const bit = new Int32Array(length);
  for (let t = 1; t < length; t++) bit[t] = symbol[t - 1] > 0 ? symbol[t - 1] - 1 : bit[t - 1];
  const features = Float32Array.from({ length }, () => 2 * random() - 1);
  return { length, categories: [symbol], features, targets: { bit } };
}

/** Counts steps: the cell of one unit grows by `perStep` at every step (tanh(z) of its candidate), whatever comes in. */
export function countingNetwork(perStep = 0.01, hiddenSize = 8, unit = 2): WiredNetwork {
  const spec: ModelSpec = {
    inputs: { categories: [], features: ['noise'] },
    lstm: { layers: 1, hiddenSize, dropout: 0 },
    heads: [{ name: 'count', kind: 'scalar', lossWeight: 1, positivePressure: 0 }],
    lossOn: 'all',
  };
  const parameters = forgetfulNoise(spec, unit);
  gateWriter(parameters, hiddenSize, unit).bias({ i: OPEN, f: OPEN, g: Math.atanh(perStep), o: OPEN });
  parameters['heads.count.kernel'][unit] = 1 / perStep;
  return { spec, parameters, unit };
}

/** A sequence for `countingNetwork`: noise; the target at each position is the position. */
export function countedSequence(length: number, seed = 1): Sequence {
  const random = mulberry32(seed);
  const features = Float32Array.from({ length }, () => 2 * random() - 1);
  return { length, categories: [], features, targets: { count: Float32Array.from({ length }, (_, t) => t) } };
}

/**
 * Weights under which every unit but one follows the noise and forgets half of its cell within three steps; the one, and
 * the heads, have no weights at all.
 */
function forgetfulNoise(spec: ModelSpec, unit: number): NamedArrays {
  const random = mulberry32(17);
  const H = spec.lstm.hiddenSize;
  const parameters: NamedArrays = {};
  for (const { name, shape } of parameterSpecs(spec)) {
    const values = new Float32Array(sizeOf(shape));
    if (name.startsWith('lstm.')) for (let at = 0; at < values.length; at++) values[at] = 0.6 * random() - 0.3;
    parameters[name] = values;
  }
  const { 'lstm.0.kernel': kernel, 'lstm.0.recurrent_kernel': recurrent, 'lstm.0.bias': bias } = parameters;
  for (const values of [kernel, recurrent, bias]) {
    for (let at = unit; at < values.length; at += H) values[at] = 0;
  }
  // What the unit knows stays its own secret: the noise does not read it.
  recurrent.fill(0, unit * 4 * H, (unit + 1) * 4 * H);
  for (let j = 0; j < H; j++) if (j !== unit) bias[H + j] -= 0.5;
  return parameters;
}

type GateValues = Partial<Record<'i' | 'f' | 'g' | 'o', number>>;

/** Sets what enters the gates of one unit: its biases, and the row of one input. */
function gateWriter(parameters: NamedArrays, H: number, unit: number) {
  const write = (to: Float32Array, row: number, values: GateValues): void => {
    (['i', 'f', 'g', 'o'] as const).forEach((gate, k) => {
      to[row * 4 * H + k * H + unit] = values[gate] ?? 0;
    });
  };
  return {
    bias: (values: GateValues): void => { write(parameters['lstm.0.bias'], 0, values); }, // prettier-ignore
    kernel: (input: number, values: GateValues): void => { write(parameters['lstm.0.kernel'], input, values); }, // prettier-ignore
  };
}
