import { EtudeError } from '../errors.ts';

/** The state of a stream: four 32-bit words, as they stand in a checkpoint. */
export type RandomState = [number, number, number, number];

/** Items that are shuffled at a time: some milliseconds. */
const SHUFFLE_PIECE = 2 ** 17;

/** The streams of a run. Each draws on its own, so that, say, more dropout does not change the order of the batches. */
export const RANDOM_STREAMS = ['init', 'shuffle', 'dropout', 'sample'] as const;
/** One of {@link RANDOM_STREAMS}. */
export type RandomStream = (typeof RANDOM_STREAMS)[number];

/**
 * A stream of pseudo-random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", 2018), seeded through splitmix32. Its whole state is four words that can be saved and restored.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /**
   * @param state four 32-bit words, not all zero
   * @throws EtudeError when the state is none
   */
  constructor(state: RandomState) {
    assertState(state);
    [this.#a, this.#b, this.#c, this.#d] = state.map((word) => word | 0);
  }

  /** The stream called `name` of the run seeded with `seed` (any safe integer). */
  static stream(seed: number, name: string): Random {
    if (!Number.isSafeInteger(seed)) throw new EtudeError(`seed: expected a whole number, got ${seed}.`);
    let mix = hashOfText(name) ^ (seed | 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b);
    const next = (): number => {
      mix = (mix + 0x9e3779b9) | 0;
      let z = mix ^ (mix >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    };
    return new Random([next(), next(), next(), next() || 1]);
  }

  /** A copy of the state, to be given to the constructor later. */
  state(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  /** Goes on from `state`. */
  restore(state: RandomState): void {
    assertState(state);
    [this.#a, this.#b, this.#c, this.#d] = state.map((word) => word | 0);
  }

  /** 32 random bits as a whole number from 0 to 2^32 - 1. */
  bits(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled >>> 0;
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.bits() >>> 5;
    const low = this.bits() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform among 0, 1, …, n - 1, without bias. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new EtudeError(`integer: expected 1 to 2^32, got ${n}.`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    let bits = this.bits();
    while (bits >= limit) bits = this.bits();
    return bits % n;
  }

  /** Standard normal (Box and Muller, 1958). The second number of each pair is dropped: the state stays four words. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Shuffles in place (Fisher and Yates), every order equally likely. */
  shuffle<T extends Uint32Array | unknown[]>(items: T): T {
    this.#shuffleDown(items, items.length, 0);
    return items;
  }

  /** The same in pieces, for millions: the generator gives the part that is done. */
  *shufflePieces<T extends Uint32Array | unknown[]>(items: T): Generator<number, T, void> {
    for (let end = items.length; end > 0; end -= SHUFFLE_PIECE) {
      this.#shuffleDown(items, end, Math.max(0, end - SHUFFLE_PIECE));
      yield 1 - Math.max(0, end - SHUFFLE_PIECE) / items.length;
    }
    return items;
  }

  /** Finds their items for the places from `end` - 1 down to `start`. */
  #shuffleDown(items: Uint32Array | unknown[], end: number, start: number): void {
    for (let i = end - 1; i >= Math.max(1, start); i--) {
      const j = this.integer(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** FNV-1a, so that streams of different names start apart. */
function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

function assertState(state: RandomState): void {
  const valid =
    Array.isArray(state) && state.length === 4 && state.every((w) => Number.isInteger(w) && w >= 0 && w < 2 ** 32);
  if (!valid || state.every((word) => word === 0)) {
    throw new EtudeError(`Random: expected four 32-bit words, not all zero, got ${JSON.stringify(state)}.`);
  }
}
