import { assertValidShape, formatShape, ShapeError, sizeOf, type Shape } from './shape.ts';

/** float32 for training, float64 for judging it: the same code runs in both. */
export type Precision = 'float32' | 'float64';

/** The numbers of a tensor. */
export type Floats = Float32Array | Float64Array;

/**
 * The memory in which tensors live. Its `buffer` may be replaced when it grows (WebAssembly memories do that), which is
 * why tensors ask for it again instead of holding on to it.
 */
export interface TensorMemory {
  readonly precision: Precision;
  readonly buffer: ArrayBufferLike;
}

/**
 * A shape over floating-point numbers in an arena, row-major and without gaps. A tensor owns nothing: a view of it
 * shares its numbers, and the arena that made it decides how long they live.
 */
export class Tensor {
  readonly shape: Shape;
  readonly size: number;
  /** The first axis; 1 for a scalar. */
  readonly rows: number;
  /** Everything behind the first axis: the length of a row. */
  readonly columns: number;
  readonly byteOffset: number;
  readonly memory: TensorMemory;
  #floats: Floats;

  constructor(memory: TensorMemory, byteOffset: number, shape: Shape) {
    assertValidShape(shape, 'Tensor');
    this.memory = memory;
    this.byteOffset = byteOffset;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.rows = shape.length === 0 ? 1 : shape[0];
    this.columns = sizeOf(shape.slice(1));
    this.#floats = floatsOver(memory, byteOffset, this.size);
  }

  /** The numbers, row-major. Read it anew after anything that may have grown the memory. */
  get data(): Floats {
    if (this.#floats.buffer !== this.memory.buffer) this.#floats = floatsOver(this.memory, this.byteOffset, this.size);
    return this.#floats;
  }

  /**
   * The same numbers under another shape.
   * @throws ShapeError when the number of elements differs
   */
  reshape(shape: Shape): Tensor {
    if (sizeOf(shape) !== this.size) {
      throw new ShapeError(
        `reshape: ${formatShape(this.shape)} has ${this.size} elements, ${formatShape(shape)} ${sizeOf(shape)}.`,
      );
    }
    return new Tensor(this.memory, this.byteOffset, shape);
  }

  /**
   * Rows `from` up to, not including, `to` of the first axis, sharing this tensor's numbers.
   * @throws ShapeError when the range leaves the tensor
   */
  slice(from: number, to: number): Tensor {
    if (!(from >= 0 && from <= to && to <= this.rows)) {
      throw new ShapeError(`slice: rows ${from} to ${to} leave ${formatShape(this.shape)}.`);
    }
    const stride = this.columns * bytesPerFloat(this.memory.precision);
    return new Tensor(this.memory, this.byteOffset + from * stride, [to - from, ...this.shape.slice(1)]);
  }

  /** Row `index` of the first axis without that axis, sharing this tensor's numbers. */
  row(index: number): Tensor {
    return this.slice(index, index + 1).reshape(this.shape.slice(1));
  }
}

/** Whole numbers (class indices) beside the tensors, in the same memory. */
export class IndexTensor {
  readonly shape: Shape;
  readonly size: number;
  readonly byteOffset: number;
  readonly memory: TensorMemory;
  #ints: Int32Array;

  constructor(memory: TensorMemory, byteOffset: number, shape: Shape) {
    assertValidShape(shape, 'IndexTensor');
    this.memory = memory;
    this.byteOffset = byteOffset;
    this.shape = shape;
    this.size = sizeOf(shape);
    this.#ints = new Int32Array(memory.buffer, byteOffset, this.size);
  }

  /** The first so many numbers of a list, as a tensor over the same memory. */
  first(count: number): IndexTensor {
    return new IndexTensor(this.memory, this.byteOffset, [count]);
  }

  /** The numbers. Read it anew after anything that may have grown the memory. */
  get data(): Int32Array {
    if (this.#ints.buffer !== this.memory.buffer)
      this.#ints = new Int32Array(this.memory.buffer, this.byteOffset, this.size);
    return this.#ints;
  }
}

/** 4 or 8. */
export function bytesPerFloat(precision: Precision): 4 | 8 {
  return precision === 'float32' ? 4 : 8;
}

function floatsOver(memory: TensorMemory, byteOffset: number, length: number): Floats {
  return memory.precision === 'float32'
    ? new Float32Array(memory.buffer, byteOffset, length)
    : new Float64Array(memory.buffer, byteOffset, length);
}
