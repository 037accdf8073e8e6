import { hasNavigatorGpu, installNavigatorGpu } from './dawn.ts';
import { GpuLimitError, GpuUnavailableError } from './errors.ts';
import { findGpu, type FoundGpu, type GpuLimits } from './find-gpu.ts';
import { loadGpuJs, type GpuJs, type GpuJsInstance, type GpuJsKernel } from './gpu-js.ts';
import type { GpuMode } from './modes.ts';
import {
  GpuPlan,
  type DeviceArray,
  type KernelConstants,
  type KernelMaker,
  type Handle,
  type PlanValue,
} from './plan.ts';

/** A mode of gpu.js, opened: makes kernels and plans until it is disposed of. */
export class GpuDevice implements KernelMaker {
  readonly mode: GpuMode;
  /** The GPU, as its driver calls it; undefined for the modes that compute on the processor. */
  readonly adapter?: string;
  /** Whether a processor plays the GPU (SwiftShader, llvmpipe). */
  readonly software: boolean;
  readonly limits: GpuLimits;
  readonly #gpuJs: GpuJs;
  readonly #gpu: GpuJsInstance;
  readonly #release: () => Promise<void>;
  readonly #kernels = new Map<string, GpuJsKernel>();
  #disposed = false;

  private constructor(gpuJs: GpuJs, mode: GpuMode, found: FoundGpu, release: () => Promise<void>) {
    this.mode = mode;
    this.adapter = found.adapter;
    this.software = found.software;
    this.limits = found.limits;
    this.#gpuJs = gpuJs;
    this.#gpu = new gpuJs.GPU({ mode });
    this.#release = release;
  }

  /**
   * Loads gpu.js and opens a mode of it.
   * @throws GpuUnavailableError when a package or the GPU is missing
   */
  static async open(mode: GpuMode): Promise<GpuDevice> {
    const gpuJs = await loadGpuJs();
    const ours = mode === 'webgpu' && !hasNavigatorGpu();
    const uninstall = mode === 'webgpu' ? await installNavigatorGpu() : (): boolean => false;
    const release = async (): Promise<void> => {
      // The device is one for all who use gpu.js; Dawn's, which nobody else sees, ends with the last of us.
      if (uninstall() && ours) await gpuJs.WebGPUContext.destroy();
    };
    try {
      return new GpuDevice(gpuJs, mode, await findGpu(gpuJs, mode), release);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** How many kernels and plans gpu.js holds for this device. */
  get handles(): number {
    return this.#gpu.kernels.length + this.#gpu.pipelines.length;
  }

  /**
   * A kernel for plans of this device; the same one for the same function, output and constants.
   * @throws GpuLimitError when the output has more rows than the device can count
   */
  kernel(source: (...args: never[]) => number, output: readonly number[], constants: KernelConstants) {
    const key = JSON.stringify([source.name, output, constants]);
    let made = this.#kernels.get(key);
    if (!made) {
      this.#check(source.name, output);
      made = this.#gpu.createKernel(source, {
        output,
        constants,
        precision: 'single',
        strictIntegers: true,
        loopMaxIterations: 2 ** 30,
      });
      this.#kernels.set(key, made);
    }
    return made as (...values: PlanValue[]) => Handle;
  }

  /**
   * A plan of what `record` does with handles: it is called once, and the kernels it calls are those that run.
   * @param args how many arrays the plan takes
   * @param threads whether gpu.js may use threads, in the mode that has them
   */
  plan(args: number, record: (handles: Handle[]) => Handle[], threads = true): GpuPlan {
    if (this.#disposed) throw new GpuUnavailableError('gpu: this device has been disposed of.');
    const recorded = (...handles: unknown[]): unknown => record(handles as Handle[]);
    // gpu.js reads how many arguments there are from the function.
    Object.defineProperty(recorded, 'length', { value: args });
    return new GpuPlan(this.#gpu.createPipeline(recorded, { threads }), ({ data, size }: DeviceArray) => {
      return new this.#gpuJs.Input(data, size);
    });
  }

  /** Destroys all kernels and plans, and lets go of the GPU. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#kernels.clear();
    await this.#gpu.destroy();
    // gpu.js keeps the kernels of its mode cpu in its list, though there is nothing left to destroy.
    this.#gpu.kernels.length = 0;
    await this.#release();
  }

  #check(name: string, [x, y = 1, z = 1]: readonly number[]): void {
    const { arrayBytes, columns, layers } = this.limits;
    const bytes = 4 * x * y * z;
    if (bytes > arrayBytes) {
      throw new GpuLimitError(
        `gpu.js ${this.mode}: ${name} needs an array of ${megabytes(bytes)}, and this device's largest is ${megabytes(arrayBytes)}.`,
      );
    }
    if (x > columns || y > columns || z > layers) {
      throw new GpuLimitError(
        `gpu.js ${this.mode}: ${name} has an output of ${x} x ${y} x ${z}; this device goes to ${columns} x ${columns} x ${layers}.`,
      );
    }
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}
