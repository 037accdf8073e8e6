import { assertValidShape, sizeOf, type Shape } from './shape.ts';
import { bytesPerFloat, IndexTensor, Tensor, type Precision, type TensorMemory } from './tensor.ts';

/**
 * Where tensors come from. Everything a network needs is taken once, when it is built; a training step allocates nothing.
 * What an arena gave out lives as long as the arena.
 */
export interface Arena {
  readonly precision: Precision;
  /** Bytes given out so far. */
  readonly bytes: number;
  /** A new tensor of zeros. */
  tensor(shape: Shape): Tensor;
  /** New indices, all zero. */
  indices(shape: Shape): IndexTensor;
}

/** Every tensor starts at a multiple of a cache line, so that no vector load crosses one needlessly. */
const ALIGNMENT = 64;
const BLOCK_BYTES = 1 << 20;

/** An arena on the JavaScript heap: blocks of a mebibyte, larger tensors in a block of their own. */
export class HeapArena implements Arena {
  readonly precision: Precision;
  bytes = 0;
  #block: TensorMemory;
  #used = 0;

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

  #reserve(bytes: number): number {
    if (this.#used + bytes > this.#block.buffer.byteLength) {
      this.#block = { precision: this.precision, buffer: new ArrayBuffer(Math.max(bytes, BLOCK_BYTES)) };
      this.#used = 0;
    }
    const byteOffset = this.#used;
    this.#used = Math.ceil((byteOffset + bytes) / ALIGNMENT) * ALIGNMENT;
    this.bytes += bytes;
    return byteOffset;
  }
}
