import type { GpuJsPipeline } from './gpu-js.ts';

/** What a kernel gives and takes while a plan is recorded: nothing that can be looked into. */
export type Handle = object;
export type PlanValue = Handle | number;
export type KernelConstants = Readonly<Record<string, number>>;

/** An array as a plan takes it: numbers, and how many there are along x, y and z. */
export interface DeviceArray {
  data: Float32Array;
  size: readonly number[];
}

/** Makes kernels for a plan: a device, or something that only counts. */
export interface KernelMaker {
  /**
   * @param source a function in a file `*.kernels.ts`
   * @param output the sizes of its output along x, y and z
   */
  kernel(
    source: (...args: never[]) => number,
    output: readonly number[],
    constants: KernelConstants,
  ): (...values: PlanValue[]) => Handle;
}

/** A compiled plan: arrays go up, all its kernels run, the results come back, once a call. */
export class GpuPlan {
  readonly #pipeline: GpuJsPipeline;
  readonly #input: (array: DeviceArray) => unknown;

  readonly #release: () => void;

  /** @param release called when the plan has been disposed of */
  constructor(pipeline: GpuJsPipeline, input: (array: DeviceArray) => unknown, release: () => void) {
    this.#pipeline = pipeline;
    this.#input = input;
    this.#release = release;
  }

  /** Runs the plan; the first call compiles it. The results in the order in which they were recorded, [z][y][x] flat. */
  async run(args: readonly DeviceArray[]): Promise<Float32Array[]> {
    const results = (await this.#pipeline(...args.map(this.#input))) as unknown[];
    return results.map(flatten);
  }

  /** What gpu.js says that ran; only after the first call. */
  get ran(): { mode: string | null; executor: string; fallbackReason: string | null } {
    const { backend, executorKind, fallbackReason } = this.#pipeline;
    return { mode: backend, executor: executorKind, fallbackReason };
  }

  async dispose(): Promise<void> {
    await this.#pipeline.destroy();
    this.#release();
  }
}

/** gpu.js gives arrays of arrays of rows. */
function flatten(result: unknown): Float32Array {
  const rows: Float32Array[] = [];
  const collect = (part: unknown): void => {
    if (part instanceof Float32Array) rows.push(part);
    else if (Array.isArray(part) && typeof part[0] === 'number') rows.push(Float32Array.from(part as number[]));
    else for (const inner of part as unknown[]) collect(inner);
  };
  collect(result);
  if (rows.length === 1) return rows[0];
  const flat = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    flat.set(row, at);
    at += row.length;
  }
  return flat;
}
