import type { Floats } from '../../tensor/index.ts';
import type { Trail } from './trail.ts';
import type { VoteWeights } from './parameters.ts';
import { boundedExponent, conditionsOf, isNear, type Question, type Votes } from './votes.ts';

/** The numbers of one source, as they are fitted: seven weights, g0 and g1, and the logits of the three shares of the kernel. */
export const FITTED = 12;
/** A likeness is fitted in tens, so that its number moves as fast as the others. */
const STATE_UNIT = 10;
const EVIDENCE = 7;
const KERNEL = 9;

/** @returns the numbers that Adam changes */
export function numbersOf({ state, match, rhythm, age, chord, step, pitch, evidence, kernel }: VoteWeights): number[] {
  const [at, beside, behind] = kernel;
  // From such a small share the fit can still come back.
  const logits = [at, 2 * beside, 2 * behind].map((share) => Math.log(Math.max(share, 1e-3)));
  return [state / STATE_UNIT, match, rhythm, age, chord, step, pitch, ...evidence, ...logits];
}

/** The weights that some numbers stand for; `sharp` for a head whose classes have no neighbours. */
export function weightsOf(numbers: ArrayLike<number>, sharp: boolean): VoteWeights {
  const [state, match, rhythm, age, chord, step, pitch] = Array.from(numbers);
  const [at, beside, behind] = sharp ? [1, 0, 0] : shares(numbers);
  return {
    state: STATE_UNIT * state,
    match,
    rhythm,
    age,
    chord,
    step,
    pitch,
    evidence: [numbers[EVIDENCE], numbers[EVIDENCE + 1]],
    kernel: [at, beside / 2, behind / 2],
  };
}

/** Softmax of the logits of the kernel: what of a vote is for the class, its neighbours, and those behind them. */
function shares(numbers: ArrayLike<number>): [number, number, number] {
  const [a, b, c] = [numbers[KERNEL], numbers[KERNEL + 1], numbers[KERNEL + 2]];
  const most = Math.max(a, b, c);
  const [at, beside, behind] = [Math.exp(a - most), Math.exp(b - most), Math.exp(c - most)];
  const sum = at + beside + behind;
  return [at / sum, beside / sum, behind / sum];
}

/** The part of one source in the probability of what came, and what is needed to go back through it. */
export class SourceGradient {
  /** The weight of the votes, against the model's 1. */
  weight = 0;
  /** The part of the votes that is for the class that came. */
  right = 0;
  /** By class: what a vote for it gives the class that came. */
  readonly #credit: Float64Array;
  /** By share of the kernel and class: the votes that reach the class that came. */
  readonly #reach: Float64Array[];
  #actual = 0;
  readonly #size: number;
  readonly #sharp: boolean;

  constructor(size: number, sharp: boolean) {
    this.#size = size;
    this.#sharp = sharp;
    this.#credit = new Float64Array(size);
    this.#reach = [0, 1, 2].map(() => new Float64Array(size));
  }

  /**
   * @param votes as they were collected with these weights
   * @param actual the class that came
   */
  forward(votes: Votes, weights: VoteWeights, actual: number): void {
    this.weight = votes.weightAgainstModel(weights);
    this.#giveCredit(weights.kernel, actual);
    this.right = 0;
    const { first, last, classes } = votes;
    for (let lag = first; lag <= last; lag++) {
      // A class outside has no weight.
      if (votes.weights[lag] !== 0) this.right += votes.weights[lag] * this.#credit[classes[lag]];
    }
  }

  /**
   * Adds dL/d(numbers) to `gradients` from place `at` on.
   * @param dWeight dL/d(weight)
   * @param dRight dL/d(right)
   */
  backward(
    gradients: Floats,
    at: number,
    { dWeight, dRight }: { dWeight: number; dRight: number },
    numbers: ArrayLike<number>,
    { votes, trail, question, likeness }: Collected,
  ): void {
    if (this.weight === 0) return;
    const gradient = gradients.subarray(at, at + FITTED);
    const [g0, g1] = [numbers[EVIDENCE], numbers[EVIDENCE + 1]];
    const exponent = g0 + g1 * votes.evidence;
    // Where the exponent is bounded, the weight does not change.
    const dExponent = boundedExponent(exponent) === exponent ? dWeight * this.weight : 0;
    gradient[EVIDENCE] += dExponent;
    gradient[EVIDENCE + 1] += dExponent * votes.evidence;
    const { step, pitch, chord, top, ages, steps } = trail;
    const matches = question.transposed ? trail.intervals : trail.pitches;
    const { drawnStep, drawnChord, drawnPitch } = conditionsOf(trail, question.drawn);
    const reached = [0, 0, 0];
    for (let lag = votes.first; lag <= votes.last; lag++) {
      const w = votes.weights[lag];
      if (w === 0) continue;
      const kind = votes.classes[lag];
      const da = w * (dExponent * g1 + dRight * (this.#credit[kind] - this.right));
      if (Math.abs(kind - this.#actual) <= 2) for (let k = 0; k < 3; k++) reached[k] += w * this.#reach[k][kind];
      const next = top - lag + 1;
      if (likeness) gradient[0] += STATE_UNIT * da * (likeness[lag] - 1);
      gradient[1] += da * matches[lag];
      gradient[2] += da * steps[lag];
      gradient[3] += da * ages[lag];
      if (chord[next] === drawnChord) gradient[4] += da;
      if (isNear(step[next], drawnStep)) gradient[5] += da;
      if (pitch[next] === drawnPitch) gradient[6] += da;
    }
    if (this.#sharp) return;
    // Of a share, each class that it goes to gets its part: all, or half.
    const kernel = shares(numbers);
    const parts = [reached[0], reached[1] / 2, reached[2] / 2];
    const mean = kernel[0] * parts[0] + kernel[1] * parts[1] + kernel[2] * parts[2];
    for (let k = 0; k < 3; k++) gradient[KERNEL + k] += dRight * kernel[k] * (parts[k] - mean);
  }

  /** What falls outside stays at the last class, as `spreadVotes` has it. */
  #giveCredit(kernel: VoteWeights['kernel'], actual: number): void {
    this.#actual = actual;
    for (const reach of this.#reach) reach.fill(0);
    for (let kind = Math.max(0, actual - 2); kind <= Math.min(this.#size - 1, actual + 2); kind++) {
      for (let offset = -2; offset <= 2; offset++) {
        const to = Math.max(0, Math.min(this.#size - 1, kind + offset));
        if (to === actual) this.#reach[Math.abs(offset)][kind]++;
      }
    }
    this.#credit.fill(0);
    for (let k = 0; k < 3; k++) {
      for (let kind = 0; kind < this.#size; kind++) this.#credit[kind] += kernel[k] * this.#reach[k][kind];
    }
  }
}

/** Votes, and what they were collected from. */
export interface Collected {
  votes: Votes;
  trail: Trail;
  question: Question;
  likeness: Float64Array | undefined;
}
