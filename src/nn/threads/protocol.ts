import type { SimdModule } from '../../tensor/index.ts';
import type { WasmMemory } from '../../tensor/simd/exports.ts';
import type { ModelSpec } from '../spec.ts';

/** What the threads of an engine are asked to do. */
export const COMMANDS = { train: 1, evaluate: 2, exit: 3 } as const;

/**
 * The numbers through which threads talk, at the start of the shared memory. Int32 words: `generation` is raised when a new
 * command stands in `command`; each worker adds 1 to `done` when it has carried it out; `failed` holds the number of a
 * worker that cannot go on; `goesOn` is 1 where the sequences begin with the states that stand in the networks, 0 with zeros.
 */
export const WORDS = { generation: 0, done: 16, command: 32, failed: 33, goesOn: 34, seeds: 48 } as const;

/** Words of a random state. */
const SEED_WORDS = 4;

/** Where in the shared memory the threads' messages stand, and views of them. */
export class ControlBlock {
  readonly ints: Int32Array;
  readonly #losses: Float64Array;
  readonly #heads: number;

  constructor(buffer: ArrayBufferLike, address: number, threads: number, heads: number) {
    const words = WORDS.seeds + SEED_WORDS * threads;
    this.ints = new Int32Array(buffer, address, words);
    this.#heads = heads;
    this.#losses = new Float64Array(buffer, address + Math.ceil(words / 2) * 8, threads * heads);
  }

  /** The bytes that a block takes. */
  static bytes(threads: number, heads: number): number {
    return Math.ceil((WORDS.seeds + SEED_WORDS * threads) / 2) * 8 + threads * heads * 8;
  }

  /** The random state from which thread `thread` draws dropout in the next step. */
  seed(thread: number): Int32Array {
    return this.ints.subarray(WORDS.seeds + SEED_WORDS * thread, WORDS.seeds + SEED_WORDS * (thread + 1));
  }

  /** The share of each head's loss that thread `thread` found. */
  losses(thread: number): Float64Array {
    return this.#losses.subarray(thread * this.#heads, (thread + 1) * this.#heads);
  }
}

/** What a worker is told when it starts. Addresses are bytes in the shared memory. */
export interface WorkerInit {
  spec: ModelSpec;
  module: SimdModule;
  memory: WasmMemory;
  thread: number;
  threads: number;
  control: number;
  parameters: number;
  gradients: number;
  /** The first byte of the region in which this thread lays out its networks. */
  region: number;
  part: PartShape;
}

/** Which sequences of a batch a thread works on. */
export interface PartShape {
  steps: number;
  /** For training: the first sequence, how many, of how many. */
  train: SequenceRange;
  /** The same for evaluation. */
  evaluate: SequenceRange;
}

export interface SequenceRange {
  from: number;
  count: number;
  of: number;
}

/** Divides `of` sequences among threads, as evenly as can be, the first ones one more. */
export function rangeOf(thread: number, threads: number, of: number): SequenceRange {
  const from = Math.ceil((thread * of) / threads);
  return { from, count: Math.ceil(((thread + 1) * of) / threads) - from, of };
}
