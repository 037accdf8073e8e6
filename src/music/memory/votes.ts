import type { HeadName } from '../../midi/index.ts';
import type { VoteWeights } from './parameters.ts';
import type { NoteClasses, Trail } from './trail.ts';

/** What stands for a pitch or step that is not drawn yet: near no class. */
const NOT_DRAWN = -(1 << 20);
const NO_CHORD = 2;
/** Keeps e^x a number that can be added to others. */
const LARGEST_EXPONENT = 30;

/** What the votes of a head are about. */
export interface Question {
  head: HeadName;
  /** What of the note is drawn already. */
  drawn: Partial<NoteClasses>;
  /** Whether what is voted for is the interval. */
  transposed: boolean;
  /** Votes for classes outside, which transposition may give, do not count. */
  lowest: number;
  highest: number;
  /** So many of the newest places have no vote. */
  minLag: number;
}

/** The votes of the past for one head: what each place says will follow, and with what weight. */
export class Votes {
  /** By lag: the class that is voted for. */
  readonly classes: Int32Array;
  /** By lag: softmax of a(i). */
  readonly weights: Float64Array;
  /** ln sum e^a; -Infinity when nobody votes. */
  evidence = -Infinity;
  /** The lags with votes. */
  first = 1;
  last = 0;

  constructor(window: number) {
    this.classes = new Int32Array(window);
    this.weights = new Float64Array(window);
  }

  /** No votes. */
  clear(): void {
    this.last = 0;
    this.evidence = -Infinity;
  }

  /**
   * Counts the votes. `likeness` by lag, where the network's state counts.
   * @see VoteWeights for the formula
   */
  collect(trail: Trail, question: Question, by: VoteWeights, likeness: Float64Array | undefined): void {
    const { classes, weights } = this;
    this.first = question.minLag + 1;
    this.last = trail.depth;
    this.#ask(trail, question);
    const { step, pitch, chord, top, ages, steps } = trail;
    const matches = question.transposed ? trail.intervals : trail.pitches;
    const { drawnStep, drawnChord, drawnPitch } = conditionsOf(trail, question.drawn);
    const { lowest, highest } = question;
    let most = -Infinity;
    for (let lag = this.first; lag <= this.last; lag++) {
      if (classes[lag] < lowest || classes[lag] > highest) {
        weights[lag] = -Infinity;
        continue;
      }
      const next = top - lag + 1;
      let a = by.match * matches[lag] + by.rhythm * steps[lag] + by.age * ages[lag];
      if (likeness) a += by.state * (likeness[lag] - 1);
      if (chord[next] === drawnChord) a += by.chord;
      if (isNear(step[next], drawnStep)) a += by.step;
      if (pitch[next] === drawnPitch) a += by.pitch;
      weights[lag] = a;
      if (a > most) most = a;
    }
    this.#normalise(most);
  }

  /**
   * How much the votes weigh against the model's 1.
   * @param more is added to a(i) of every place
   */
  weightAgainstModel({ evidence: [g0, g1] }: VoteWeights, more = 0): number {
    return this.evidence === -Infinity ? 0 : Math.exp(boundedExponent(g0 + g1 * (this.evidence + more)));
  }

  /** Adds `scale` times the votes to the classes, without the kernel. */
  addTo(mass: Float64Array, scale: number): void {
    const { classes, weights } = this;
    for (let lag = this.first; lag <= this.last; lag++)
      if (weights[lag] !== 0) mass[classes[lag]] += scale * weights[lag];
  }

  /** The place that votes most for a class; 0 when none does. */
  strongest(kind: number): number {
    let best = 0;
    for (let lag = this.first; lag <= this.last; lag++) {
      if (this.classes[lag] !== kind || this.weights[lag] === 0) continue;
      if (best === 0 || this.weights[lag] > this.weights[best]) best = lag;
    }
    return best;
  }

  /** A place drawn by the weights, for a uniform number in [0, 1). */
  draw(uniform: number): number {
    let left = uniform;
    let chosen = 0;
    for (let lag = this.first; lag <= this.last; lag++) {
      if (this.weights[lag] === 0) continue;
      chosen = lag;
      left -= this.weights[lag];
      if (left < 0) break;
    }
    return chosen;
  }

  #ask(trail: Trail, { head, transposed }: Question): void {
    const column = transposed ? trail.interval : trail.classes(head);
    const from = transposed ? trail.pitch[trail.top] : 0;
    for (let lag = this.first; lag <= this.last; lag++) this.classes[lag] = from + column[trail.top - lag + 1];
  }

  #normalise(most: number): void {
    const { weights } = this;
    if (most === -Infinity) return this.clear();
    let sum = 0;
    for (let lag = this.first; lag <= this.last; lag++) {
      const weight = exponential(weights[lag] - most);
      weights[lag] = weight;
      sum += weight;
    }
    for (let lag = this.first; lag <= this.last; lag++) weights[lag] /= sum;
    this.evidence = most + Math.log(sum);
  }
}

/** Below it e^x is no normal number. */
const LEAST_EXPONENT = -700;
/** Parts of a halving. */
const PARTS = 64;
const [PART_HIGH, PART_LOW] = [0.6931471803691238 / PARTS, 1.9082149292705877e-10 / PARTS];
/** 2^(-k / 64), and 2^-k. */
const ROOTS = Float64Array.from({ length: PARTS }, (_, k) => 2 ** (-k / PARTS));
const HALVES = Float64Array.from({ length: 1024 }, (_, k) => 2 ** -k);

/**
 * e^x of what is not above 0, within 2^-50 of itself, in a third of the time of `Math.exp`; 0 below -700. x is r - k (ln 2) / 64, with ln 2 in two parts
 * of which the first leaves room for the product (Cody and Waite 1980); r is small, so that a few terms of the series do.
 */
export function exponential(x: number): number {
  if (x < LEAST_EXPONENT) return 0;
  const k = (0.5 - x * (PARTS * Math.LOG2E)) | 0;
  const r = x + k * PART_HIGH + k * PART_LOW;
  const square = r * r;
  return HALVES[k >> 6] * ROOTS[k & 63] * (1 + r + square * (1 / 2 + r * (1 / 6) + square * (1 / 24 + r * (1 / 120))));
}

export function boundedExponent(x: number): number {
  return Math.max(-LARGEST_EXPONENT, Math.min(LARGEST_EXPONENT, x));
}

/** Whether two steps differ by a class at most. */
export function isNear(step: number, other: number): boolean {
  return Math.abs(step - other) <= 1;
}

/** What the votes are compared with of what is drawn; where nothing is drawn, what nothing is like. */
export function conditionsOf(trail: Trail, { step, pitch }: Partial<NoteClasses>) {
  return {
    drawnStep: step ?? NOT_DRAWN,
    drawnChord: step === undefined ? NO_CHORD : trail.chordOf(step),
    drawnPitch: pitch ?? NOT_DRAWN,
  };
}

/**
 * Spreads the votes of each class over its neighbours. At the ends of the classes what would fall outside stays at the end, so that the
 * sum is kept.
 * @param spread is overwritten, with as many classes as `mass`
 */
export function spreadVotes(
  mass: Float64Array,
  spread: Float64Array,
  kernel: VoteWeights['kernel'],
  size: number,
): void {
  const [at, beside, behind] = normalisedKernel(kernel);
  const last = size - 1;
  spread.fill(0, 0, size);
  for (let kind = 0; kind < size; kind++) {
    const votes = mass[kind];
    if (votes === 0) continue;
    spread[kind] += at * votes;
    spread[Math.max(0, kind - 1)] += beside * votes;
    spread[Math.min(last, kind + 1)] += beside * votes;
    spread[Math.max(0, kind - 2)] += behind * votes;
    spread[Math.min(last, kind + 2)] += behind * votes;
  }
}

function normalisedKernel([at, beside, behind]: VoteWeights['kernel']): VoteWeights['kernel'] {
  const sum = at + 2 * beside + 2 * behind;
  return [at / sum, beside / sum, behind / sum];
}
