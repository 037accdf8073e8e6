import { EtudeError } from '../../errors.ts';
import type { Arena } from '../arena.ts';
import { assertValidShape, sizeOf, type Shape } from '../shape.ts';
import { IndexTensor, Tensor, type TensorMemory } from '../tensor.ts';
import type { WasmMemory } from './exports.ts';

const PAGE = 65_536;
/** 4 GiB less a page: the most that a 32-bit WebAssembly memory holds, and what our modules are compiled for. */
export const MAXIMUM_PAGES = 65_535;
/** Pages of a new memory: 1 MiB, enough for the modules' constants. */
const INITIAL_PAGES = 16;

/** A memory for our modules, which grows when it must. Shared ones can be used by several threads at once. */
export function createMemory(shared: boolean): WasmMemory {
  return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared });
}

/** Every tensor starts at a multiple of a cache line. */
const ALIGNMENT = 64;

/** What an arena needs does not fit into WebAssembly's memory, or the machine has no more to give. */
export class OutOfMemoryError extends EtudeError {
  override name = 'OutOfMemoryError';
}

/**
 * An arena in a WebAssembly memory, which grows as tensors are taken. Growing detaches the views of an unshared memory;
 * tensors make new ones when next asked for their data.
 */
export class WasmArena implements Arena, TensorMemory {
  readonly precision = 'float32';
  readonly memory: WasmMemory;
  bytes = 0;
  #top: number;

  /** @param start the first byte that is free */
  constructor(memory: WasmMemory, start: number) {
    this.memory = memory;
    this.#top = align(start);
  }

  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  /** The first byte that has not been given out. */
  get top(): number {
    return this.#top;
  }

  tensor(shape: Shape): Tensor {
    assertValidShape(shape, 'Arena.tensor');
    return new Tensor(this, this.reserve(sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT), shape);
  }

  indices(shape: Shape): IndexTensor {
    assertValidShape(shape, 'Arena.indices');
    return new IndexTensor(this, this.reserve(sizeOf(shape) * Int32Array.BYTES_PER_ELEMENT), shape);
  }

  /**
   * Takes `bytes` bytes of zeros and returns their address.
   * @throws OutOfMemoryError when the memory cannot grow so far
   */
  reserve(bytes: number): number {
    const address = this.#top;
    const end = address + bytes;
    this.#growTo(end);
    this.#top = align(end);
    this.bytes += bytes;
    return address;
  }

  #growTo(end: number): void {
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      if (end > MAXIMUM_PAGES * PAGE) throw new RangeError('past the end of a 32-bit memory');
      this.memory.grow(missing);
    } catch (cause) {
      throw new OutOfMemoryError(
        `This model needs more than ${formatBytes(end)} of memory; ${describeLimit(end)} ` +
          `Use a smaller batch, a shorter window or fewer hidden units.`,
        { cause },
      );
    }
  }
}

function describeLimit(end: number): string {
  return end > MAXIMUM_PAGES * PAGE
    ? `WebAssembly's 32-bit memory ends at ${formatBytes(MAXIMUM_PAGES * PAGE)}.`
    : 'the machine has no more to give.';
}

function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
