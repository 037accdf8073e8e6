import type { Floats } from '../../tensor/index.ts';
import { gatesIn } from '../cells/kinds.ts';
import type { NamedArrays } from '../parameters.ts';

/** How the numbers of a tensor are spread. Whatever is not finite is counted and left out of everything else. */
export interface Distribution {
  count: number;
  nonFinite: number;
  /** The Euclidean norm. */
  norm: number;
  mean: number;
  standardDeviation: number;
  minimum: number;
  maximum: number;
  /** Equally wide bins from -largest to largest, so that zero is in the middle of one. */
  histogram: { from: number; to: number; counts: number[] };
}

/** One parameter of a model: its weights, and their gradient when there is one. */
export interface ParameterDescription {
  /** `lstm.0.kernel`, `heads.pitch.bias`. */
  name: string;
  weights: Distribution;
  gradient?: Distribution;
  /** For the parameters of a layer in which gates stand side by side the norms of each gate's part, by its name. */
  gates?: Record<string, { weights: number; gradient?: number }>;
}

/** An odd number, so that zero stands in a bin of its own. */
const BINS = 31;

/**
 * Norms and histograms of every parameter, and of its gradient: small enough to be kept at every epoch, to see weights grow,
 * gates drift apart, or a gradient vanish.
 *
 * @example
 * for (const { name, weights, gradient } of describeParameters(engine.parameters.toArrays(), engine.gradients.toArrays())) {
 *   console.log(name, 'norm', weights.norm, 'gradient', gradient?.norm);
 * }
 *
 * @param bins of each histogram
 */
export function describeParameters(
  parameters: NamedArrays,
  gradients?: NamedArrays,
  bins: number = BINS,
): ParameterDescription[] {
  return Object.entries(parameters).map(([name, values]) => {
    const gradient = gradients?.[name];
    const gates = gatesIn(name);
    const bias = `${name.slice(0, name.lastIndexOf('.'))}.bias`;
    const hidden = gates && parameters[bias].length / gatesIn(bias)!.length;
    return {
      name,
      weights: describeNumbers(values, bins),
      ...(gradient && { gradient: describeNumbers(gradient, bins) }),
      ...(gates && { gates: gateNorms(gates, values, gradient, hidden!) }),
    };
  });
}

/** How numbers are spread; of none, or of none that is finite, the norm is 0 and the mean NaN. */
export function describeNumbers(values: readonly number[] | Floats, bins: number = BINS): Distribution {
  let [finite, sum, squares, minimum, maximum] = [0, 0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    squares += value * value;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  const mean = sum / finite;
  // All numbers 0: any width will do.
  const largest = finite === 0 ? 1 : Math.max(Math.abs(minimum), Math.abs(maximum)) || 1;
  const counts = new Array<number>(bins).fill(0);
  let spread = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    spread += (value - mean) ** 2;
    counts[Math.min(bins - 1, Math.floor(((value / largest + 1) / 2) * bins))]++;
  }
  return {
    count: values.length,
    nonFinite: values.length - finite,
    norm: Math.sqrt(squares),
    mean,
    standardDeviation: Math.sqrt(spread / finite),
    minimum,
    maximum,
    histogram: { from: -largest, to: largest, counts },
  };
}

/** The norms of the columns that belong to each gate. */
function gateNorms(
  gates: readonly string[],
  weights: Float32Array,
  gradient: Float32Array | undefined,
  hidden: number,
): ParameterDescription['gates'] {
  const columns = gates.length * hidden;
  const squares = (values: Float32Array): number[] => {
    const sums = gates.map(() => 0);
    for (let j = 0; j < values.length; j++) sums[Math.floor((j % columns) / hidden)] += values[j] * values[j];
    return sums.map(Math.sqrt);
  };
  const [ofWeights, ofGradient] = [squares(weights), gradient && squares(gradient)];
  const entries = gates.map((gate, k) => {
    return [gate, { weights: ofWeights[k], ...(ofGradient && { gradient: ofGradient[k] }) }] as const;
  });
  return Object.fromEntries(entries);
}
