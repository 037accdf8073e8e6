import { expect } from 'vitest';

import { IndexTensor, sizeOf, type Kernels, type Shape, type Tensor } from '../../../src/tensor/index.ts';
import { mulberry32 } from '../../support/generators.ts';
import { expectSame, expectWithin, roundoff, negligible } from '../../support/tolerances.ts';
import type { Judged } from './naive.ts';

/** What stands in the memory around the operands; an operation that writes there is found out. */
const GUARD = 12_345.0625;
const GUARD_LENGTH = 16;

/**
 * Operands for one call of an operation, laid out to catch it: each stands at any multiple of the size of a number, as rows
 * of larger tensors do, between guards that must not change, and remembers its values, which must not change either unless
 * it is an output.
 */
export class Workbench {
  readonly kernels: Kernels;
  readonly #random: () => number;
  readonly #operands: {
    tensor: Tensor | IndexTensor;
    around: Tensor | IndexTensor;
    from: number;
    before: ArrayLike<number>;
  }[] = [];

  constructor(kernels: Kernels, seed: number) {
    this.kernels = kernels;
    this.#random = mulberry32(seed);
  }

  /** A number in [0, 1). */
  random(): number {
    return this.#random();
  }

  /** A tensor of uniform numbers in [-1, 1), or of what `value` gives for each place. */
  tensor(shape: Shape, value: (index: number) => number = () => 2 * this.#random() - 1): Tensor {
    const size = sizeOf(shape);
    const from = this.#lead();
    const around = this.kernels.arena.tensor([from + size + GUARD_LENGTH]);
    around.data.fill(GUARD);
    const tensor = around.slice(from, from + size).reshape(shape);
    tensor.data.set(Float64Array.from({ length: size }, (_, index) => value(index)));
    this.#operands.push({ tensor, around, from, before: tensor.data.slice() });
    return tensor;
  }

  /** Indices of classes below `classes`, or what `value` gives for each place. */
  indices(
    count: number,
    classes: number,
    value: (index: number) => number = () => Math.floor(this.#random() * classes),
  ): IndexTensor {
    const from = this.#lead();
    const around = this.kernels.arena.indices([from + count + GUARD_LENGTH]);
    around.data.fill(-77);
    const tensor = new IndexTensor(around.memory, around.byteOffset + from * Int32Array.BYTES_PER_ELEMENT, [count]);
    tensor.data.set(Int32Array.from({ length: count }, (_, index) => value(index)));
    this.#operands.push({ tensor, around, from, before: tensor.data.slice() });
    return tensor;
  }

  /** Expects `out` to be what `judged` says, within `units` roundings of the magnitudes involved. */
  expectResult(what: string, out: Tensor, judged: Judged, units: number): void {
    const { precision } = this.kernels.arena;
    const unit = units * roundoff(precision);
    const floor = negligible(precision);
    expectWithin(what, out.data, judged.values, (at) => unit * judged.magnitudes[at] + floor);
  }

  /** Expects the memory around all operands to be untouched, and all operands but `written` to be as they were. */
  expectOnlyWritten(...written: (Tensor | IndexTensor)[]): void {
    this.#operands.forEach(({ tensor, around, from, before }, number) => {
      const guard = around instanceof IndexTensor ? -77 : GUARD;
      const { data } = around;
      const end = from + tensor.size;
      for (let at = 0; at < data.length; at++) {
        if (at >= from && at < end) continue;
        if (data[at] !== guard)
          expect.fail(`operand ${number}: memory ${at < from ? 'before' : 'behind'} it was written`);
      }
      if (!written.includes(tensor)) expectSame(`operand ${number}, which is only read,`, tensor.data, before);
    });
  }

  /** How many numbers stand before an operand: 16 to 24, so that it starts at any place within a vector. */
  #lead(): number {
    return GUARD_LENGTH + Math.floor(this.#random() * 9);
  }
}
