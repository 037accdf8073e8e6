import type { Floats, IndexTensor, Kernels, Shape, Tensor } from '../../src/tensor/index.ts';
import { mulberry32 } from '../workload.ts';

/** One operation at one shape: how to run it, what it costs, and how exact it must be. */
export interface KernelCase {
  operation: Operation;
  /** The shape in words: `64x128x512` for a product of [64, 128] and [128, 512]. */
  shape: string;
  /**
   * Arithmetic operations of a run. A multiply-add counts as two; exp, tanh, a root or a division as one, so that rates of
   * operations with many of them say little about the machine.
   */
  flops: number;
  /** Bytes that must at least be read and written. */
  bytes: number;
  /** Too much for the plain TypeScript kernels to be timed in a bearable time. */
  large?: boolean;
  build(operands: Operands): BuiltCase;
}

export type Operation = Exclude<keyof Kernels, 'name' | 'arena'>;

/** A case laid out in the memory of some kernels. */
export interface BuiltCase {
  /** May return a number, which is then judged too. */
  run(): unknown;
  /** Puts back what `run` overwrites, where running again would not do the same work. */
  restore?(): void;
  outputs: Output[];
}

/** Something that an operation writes, and how far from float64 it may be. */
export interface Output {
  name: string;
  tensor: Tensor;
  /** How many roundings, 2^-24 each, of the magnitudes that make up a number. */
  units: number;
  /** What these magnitudes are: the sum of the terms' magnitudes, the number itself, or 1. */
  of: 'terms' | 'value' | 'one';
}

/** An output whose numbers are about 1, and may be off by so many roundings. */
export function output(name: string, tensor: Tensor, units: number): Output {
  return { name, tensor, units, of: 'one' };
}

/** Makes the operands of cases, from a stream of random numbers that is the same for all kernels. */
export class Operands {
  readonly kernels: Kernels;
  readonly #random = mulberry32(20260101);
  readonly #positive: boolean;

  /** @param positive leaves out all signs, so that every sum is the sum of its terms' magnitudes */
  constructor(kernels: Kernels, positive = false) {
    this.kernels = kernels;
    this.#positive = positive;
  }

  /** Uniform numbers in [-size, size), exact in float32. */
  tensor(shape: Shape, size = 1): Tensor {
    return this.#filled(shape, () => {
      const value = Math.fround(size * (2 * this.#random() - 1));
      return this.#positive ? Math.abs(value) : value;
    });
  }

  /** Uniform numbers in [0, 1). */
  unsigned(shape: Shape): Tensor {
    return this.#filled(shape, () => Math.fround(this.#random()));
  }

  zeros(shape: Shape): Tensor {
    return this.kernels.arena.tensor(shape);
  }

  indices(count: number, classes: number): IndexTensor {
    const made = this.kernels.arena.indices([count]);
    made.data.forEach((_, at, data) => (data[at] = Math.floor(this.#random() * classes)));
    return made;
  }

  /** A copy of a tensor as it is now, to be put back before each run. */
  saved(tensor: Tensor): () => void {
    const copy = this.zeros(tensor.shape);
    copy.data.set(tensor.data);
    return () => {
      this.kernels.copy(tensor, copy);
    };
  }

  #filled(shape: Shape, value: () => number): Tensor {
    const made = this.zeros(shape);
    const { data } = made;
    for (let at = 0; at < data.length; at++) data[at] = value();
    return made;
  }
}

/** What judges the result of a case: the numbers in float64, and the magnitudes by which errors are measured. */
export interface Judgement {
  values: Float64Array[];
  magnitudes: Float64Array[];
  /** How many roundings of these magnitudes each output may be off. */
  units: number[];
  /** What `run` returned, if it was a number. */
  returned: number | null;
}

/** How far a result is from float64, in units of what is allowed: 1 is the limit. */
export interface FoundError {
  /** The largest error, relative to the magnitudes that make up the number. */
  error: number;
  /** The same as a part of what is allowed. */
  ofAllowed: number;
}

/**
 * The largest errors of what a case gave when it was run once.
 *
 * @param outputs the numbers of each output
 * @param returned what `run` returned
 */
export function findError(outputs: readonly Floats[], returned: unknown, judgement: Judgement): FoundError {
  const found: FoundError = { error: 0, ofAllowed: 0 };
  const note = (error: number, units: number): void => {
    // NaN counts as infinitely wrong.
    found.error = Math.max(found.error, Number.isNaN(error) ? Infinity : error);
    found.ofAllowed = Math.max(found.ofAllowed, Number.isNaN(error) ? Infinity : error / (units * ROUNDING));
  };
  outputs.forEach((numbers, index) => {
    const [values, magnitudes] = [judgement.values[index], judgement.magnitudes[index]];
    for (let at = 0; at < numbers.length; at++) {
      const difference = Math.abs(numbers[at] - values[at]);
      if (difference !== 0) note(difference / Math.max(magnitudes[at], NEGLIGIBLE), judgement.units[index]);
    }
  });
  if (judgement.returned !== null) {
    const difference = Math.abs((returned as number) - judgement.returned);
    note(difference / Math.abs(judgement.returned), RETURNED_UNITS);
  }
  return found;
}

/** Half of the distance between 1 and the next float32. */
export const ROUNDING = 2 ** -24;
/** Numbers below this may be anything as small. */
const NEGLIGIBLE = 2 ** -100;
/** Losses and sums of squares are sums of a few thousand terms of one sign at most. */
const RETURNED_UNITS = 256;
