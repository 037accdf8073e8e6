import type { DeviceArray, Handle, KernelConstants, KernelMaker, PlanValue } from './plan.ts';

/** One launch of a recorded plan. */
export interface RecordedLaunch {
  /** The function's name. */
  kernel: string;
  /** How many arrays it reads. */
  arrays: number;
  /** The sizes of its output along x, y and z. */
  output: readonly number[];
}

/** What a plan does to a GPU. */
export interface PlanCounts {
  /** Kernels that run one after the other. */
  launches: number;
  /** Bytes that they write into the GPU's memory. */
  bytesWritten: number;
  /** Bytes of the largest array that one of them writes. */
  largestOutput: number;
  /** The longest axes of their outputs, x, y and z. */
  longestAxes: readonly [number, number, number];
  /** The most arrays that one of them binds, its output included. */
  mostArrays: number;
  /** Bytes of the arrays between the kernels, used again as soon as their readers are done. */
  intermediateBytes: number;
}

const bytesOf = (size: readonly number[]): number => 4 * size.reduce((product, n) => product * n, 1);

/** Counts what a plan would launch, without a GPU and without gpu.js. */
export class PlanRecorder implements KernelMaker {
  readonly launches: RecordedLaunch[] = [];
  readonly #madeBy = new Map<Handle, number>();
  readonly #lastReader: number[] = [];

  /** Makes a kernel that computes nothing: each call is recorded in `launches`. */
  kernel(
    source: (...args: never[]) => number,
    output: readonly number[],
    _constants: KernelConstants,
  ): (...values: PlanValue[]) => Handle {
    return (...values) => {
      const index = this.launches.length;
      const arrays = values.filter((value) => typeof value === 'object');
      for (const array of arrays) {
        const maker = this.#madeBy.get(array);
        if (maker !== undefined) this.#lastReader[maker] = index;
      }
      this.launches.push({ kernel: source.name, arrays: arrays.length, output });
      this.#lastReader.push(index);
      const handle = {};
      this.#madeBy.set(handle, index);
      return handle;
    };
  }

  /**
   * What the plan would launch, write and hold.
   * @param results what the plan gives back, which must last to its end
   */
  counts(results: readonly Handle[]): PlanCounts {
    const last = [...this.#lastReader];
    for (const result of results) last[this.#madeBy.get(result)!] = this.launches.length;
    const outputs = this.launches.map(({ output }) => bytesOf(output));
    return {
      launches: this.launches.length,
      bytesWritten: outputs.reduce((sum, bytes) => sum + bytes, 0),
      largestOutput: Math.max(...outputs),
      longestAxes: [0, 1, 2].map((axis) => Math.max(...this.launches.map(({ output }) => output[axis] ?? 1))) as [number, number, number], // prettier-ignore
      mostArrays: Math.max(...this.launches.map(({ arrays }) => arrays + 1)),
      intermediateBytes: this.#slotBytes(last),
    };
  }

  /** As gpu.js does it: an output takes the place of one of the same size whose last reader has run. */
  #slotBytes(last: readonly number[]): number {
    const slots: { size: string; until: number }[] = [];
    let bytes = 0;
    this.launches.forEach(({ output }, index) => {
      const size = output.join('x');
      let slot = slots.find((candidate) => candidate.size === size && candidate.until < index);
      if (!slot) {
        slot = { size, until: -1 };
        slots.push(slot);
        bytes += bytesOf(output);
      }
      slot.until = last[index];
    });
    return bytes;
  }
}

/** The bytes of arrays that go up or come down. */
export function arrayBytes(arrays: readonly Pick<DeviceArray, 'size'>[]): number {
  return arrays.reduce((sum, { size }) => sum + bytesOf(size), 0);
}
