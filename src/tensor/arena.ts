import { EtudeError } from '../errors.ts';
import { assertValidShape, sizeOf, type Shape } from './shape.ts';
import { bytesPerFloat, IndexTensor, Tensor, type Precision, type TensorMemory } from './tensor.ts';

/** Tensors that were taken together. Whatever is over them must not be used after `release`. */
export interface Lease<T> {
  readonly value: T;
  /** Lets the arena give the same bytes out again, once. */
  release(): void;
}

/**
 * Where tensors come from. Everything a network needs is taken once, when it is built; a training step allocates nothing.
 * What an arena gave out lives as long as the arena, unless it was leased.
 */
export interface Arena {
  readonly precision: Precision;
  /** Bytes given out and not given back. */
  readonly bytes: number;
  /** A new tensor of zeros. */
  tensor(shape: Shape): Tensor;
  /** New indices, all zero. */
  indices(shape: Shape): IndexTensor;
  /** Runs `make`; all tensors that it takes can be given back together. */
  lease<T>(make: () => T): Lease<T>;
}

/** What an arena needs does not fit into WebAssembly's memory, or the machine has no more to give. */
export class OutOfMemoryError extends EtudeError {
  override name = 'OutOfMemoryError';
}

/** Every tensor starts at a multiple of a cache line, so that no vector load crosses one needlessly. */
const ALIGNMENT = 64;
/** The first block is small, since a small network needs no more; each is twice as large as the one before, up to the last. */
const FIRST_BLOCK_BYTES = 1 << 14;
const LAST_BLOCK_BYTES = 1 << 20;

/** An arena on the JavaScript heap: blocks of up to a mebibyte, larger tensors in a block of their own. */
export class HeapArena implements Arena {
  readonly precision: Precision;
  bytes = 0;
  #block: TensorMemory;
  #used = 0;
  #nextBlockBytes = FIRST_BLOCK_BYTES;

  constructor(precision: Precision = 'float32') {
    this.precision = precision;
    this.#block = { precision, buffer: new ArrayBuffer(0) };
  }

  tensor(shape: Shape): Tensor {
    assertValidShape(shape, 'Arena.tensor');
    const byteOffset = this.#reserve(sizeOf(shape) * bytesPerFloat(this.precision));
    return new Tensor(this.#block, byteOffset, shape);
  }

  indices(shape: Shape): IndexTensor {
    assertValidShape(shape, 'Arena.indices');
    const byteOffset = this.#reserve(sizeOf(shape) * Int32Array.BYTES_PER_ELEMENT);
    return new IndexTensor(this.#block, byteOffset, shape);
  }

  lease<T>(make: () => T): Lease<T> {
    // In blocks of its own, which go when nobody holds a tensor of them any more.
    this.#startBlock(0);
    const before = this.bytes;
    const value = make();
    let taken = this.bytes - before;
    this.#startBlock(0);
    const release = (): void => {
      this.bytes -= taken;
      taken = 0;
    };
    return { value, release };
  }

  #startBlock(bytes: number): void {
    this.#block = { precision: this.precision, buffer: new ArrayBuffer(bytes) };
    this.#used = 0;
  }

  #reserve(bytes: number): number {
    if (this.#used + bytes > this.#block.buffer.byteLength) {
      this.#startBlock(Math.max(bytes, this.#nextBlockBytes));
      this.#nextBlockBytes = Math.min(2 * this.#nextBlockBytes, LAST_BLOCK_BYTES);
    }
    const byteOffset = this.#used;
    this.#used = Math.ceil((byteOffset + bytes) / ALIGNMENT) * ALIGNMENT;
    this.bytes += bytes;
    return byteOffset;
  }
}
