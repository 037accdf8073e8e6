import { OutOfMemoryError, type Arena, type Lease } from '../arena.ts';
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

/**
 * An arena in a WebAssembly memory, which grows as tensors are taken. Growing detaches the views of an unshared memory;
 * tensors make new ones when next asked for their data.
 */
export class WasmArena implements Arena, TensorMemory {
  readonly precision = 'float32';
  readonly memory: WasmMemory;
  bytes = 0;
  #top: number;
  /** What was given back, in the order of addresses, no two pieces touching. */
  #free: Range[] = [];
  /** What the lease that is being made has taken. */
  #leased?: Range[];

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

  lease<T>(make: () => T): Lease<T> {
    const taken: Range[] = [];
    this.#leased = taken;
    try {
      const value = make();
      const release = (): void => {
        this.#giveBack(taken.splice(0));
      };
      return { value, release };
    } catch (error) {
      this.#giveBack(taken);
      throw error;
    } finally {
      this.#leased = undefined;
    }
  }

  /**
   * Takes `bytes` bytes of zeros and returns their address.
   * @throws OutOfMemoryError when the memory cannot grow so far
   */
  reserve(bytes: number): number {
    const size = align(bytes);
    const address = this.#takeFree(size) ?? this.#takeNew(size);
    this.bytes += bytes;
    this.#leased?.push({ from: address, to: address + size, bytes });
    return address;
  }

  #takeNew(size: number): number {
    const address = this.#top;
    this.#growTo(address + size);
    this.#top = address + size;
    return address;
  }

  /** The first piece that is large enough, or what is needed of it. */
  #takeFree(size: number): number | undefined {
    const index = this.#free.findIndex(({ from, to }) => to - from >= size);
    if (index < 0 || size === 0) return undefined;
    const piece = this.#free[index];
    const address = piece.from;
    new Uint8Array(this.buffer, address, size).fill(0);
    piece.from += size;
    if (piece.from === piece.to) this.#free.splice(index, 1);
    return address;
  }

  #giveBack(ranges: readonly Range[]): void {
    for (const { bytes } of ranges) this.bytes -= bytes;
    const pieces = [...this.#free, ...ranges].filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
    this.#free = [];
    for (const { from, to } of pieces) {
      const last = this.#free.at(-1);
      if (last?.to === from) last.to = to;
      else this.#free.push({ from, to, bytes: 0 });
    }
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

/** Bytes `from` up to, not including, `to`; of these so many were asked for. */
interface Range {
  from: number;
  to: number;
  bytes: number;
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
