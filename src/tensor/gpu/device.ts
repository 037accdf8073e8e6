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
import { requireVulkan } from './vulkan.ts';

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
  readonly #letGo: () => Promise<void>;
  readonly #kernels = new Map<string, { kernel: GpuJsKernel; plans: number }>();
  /** The kernels of the plan that is being recorded, by their keys. */
  #recorded?: Set<string>;
  #disposed = false;

  private constructor(gpuJs: GpuJs, mode: GpuMode, found: FoundGpu, release: () => Promise<void>) {
    this.mode = mode;
    this.adapter = found.adapter;
    this.software = found.software;
    this.limits = found.limits;
    this.#gpuJs = gpuJs;
    this.#gpu = new gpuJs.GPU({ mode });
    this.#letGo = release;
  }

  /**
   * Loads gpu.js and opens a mode of it.
   * @throws GpuUnavailableError when a package or the GPU is missing
   */
  static async open(mode: GpuMode): Promise<GpuDevice> {
    const gpuJs = await loadGpuJs();
    const ours = mode === 'webgpu' && !hasNavigatorGpu();
    if (ours) await requireVulkan();
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
      const kernel = this.#gpu.createKernel(source, {
        output,
        constants,
        precision: 'single',
        strictIntegers: true,
        loopMaxIterations: 2 ** 30,
      });
      made = { kernel, plans: 0 };
      this.#kernels.set(key, made);
    }
    if (this.#recorded && !this.#recorded.has(key)) {
      this.#recorded.add(key);
      made.plans++;
    }
    return made.kernel as unknown as (...values: PlanValue[]) => Handle;
  }

  /**
   * A plan of what `record` does with handles: it is called once, and the kernels it calls are those that run.
   * @param args how many arrays the plan takes
   * @param threads whether gpu.js may use threads, in the mode that has them
   */
  plan(args: number, record: (handles: Handle[]) => Handle[], threads = true): GpuPlan {
    if (this.#disposed) throw new GpuUnavailableError('gpu: this device has been disposed of.');
    const kernels = new Set<string>();
    const recorded = (...handles: unknown[]): unknown => {
      this.#recorded = kernels;
      try {
        return record(handles as Handle[]);
      } finally {
        this.#recorded = undefined;
      }
    };
    // gpu.js reads how many arguments there are from the function.
    Object.defineProperty(recorded, 'length', { value: args });
    return new GpuPlan(
      this.#gpu.createPipeline(recorded, { threads }),
      ({ data, size }: DeviceArray) => new this.#gpuJs.Input(data, size),
      () => {
        this.#release(kernels);
      },
    );
  }

  /** Destroys what no other plan uses of the kernels of a plan that is gone. */
  #release(keys: Set<string>): void {
    for (const key of keys) {
      const made = this.#kernels.get(key);
      if (!made || --made.plans > 0) continue;
      this.#kernels.delete(key);
      made.kernel.destroy();
      // gpu.js keeps the kernels of its mode cpu in its list, though there is nothing left to destroy.
      const at = this.#gpu.kernels.indexOf(made.kernel.kernel);
      if (at >= 0) this.#gpu.kernels.splice(at, 1);
    }
  }

  /** Destroys all kernels and plans, and lets go of the GPU. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#kernels.clear();
    await this.#gpu.destroy();
    // gpu.js keeps the kernels of its mode cpu in its list, though there is nothing left to destroy.
    this.#gpu.kernels.length = 0;
    await this.#letGo();
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
