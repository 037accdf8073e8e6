import { GpuUnavailableError } from './errors.ts';

/** The parts of gpu.js that we use. Its own types are not ours to require: it is an optional package. */
export interface GpuJs {
  GPU: {
    new (settings: { mode: string }): GpuJsInstance;
    readonly isWebGL2Supported: boolean;
    readonly isHeadlessGLSupported: boolean;
    readonly isWebAssemblySupported: boolean;
  };
  Input: new (data: Float32Array, size: readonly number[]) => unknown;
  WebGPUContext: {
    /** The device that all kernels of gpu.js share, made when first asked for. */
    acquire(): Promise<{ adapter: GpuAdapter; device: { limits: Record<string, number> } }>;
    destroy(): Promise<void>;
  };
}

/** What WebGPU says about a GPU. */
export interface GpuAdapter {
  readonly limits: Readonly<Record<string, number>>;
  readonly info?: {
    readonly vendor?: string;
    readonly architecture?: string;
    readonly device?: string;
    readonly description?: string;
    readonly isFallbackAdapter?: boolean;
  };
}

/** An instance of gpu.js: one mode, its kernels and its pipelines. */
export interface GpuJsInstance {
  readonly mode: string;
  readonly kernels: unknown[];
  readonly pipelines: unknown[];
  /** The class of its kernels. */
  readonly Kernel: { mode: string; features?: { maxTextureSize?: number } };
  readonly context?: unknown;
  createKernel(source: unknown, settings: object): GpuJsKernel;
  createPipeline(record: (...handles: unknown[]) => unknown, settings?: object): GpuJsPipeline;
  destroy(): Promise<void>;
}

/** A kernel; called while a pipeline is recorded it takes and gives handles. */
export type GpuJsKernel = ((...args: unknown[]) => unknown) & { readonly kernel: unknown; destroy(): void };

/** A compiled plan, and what became of it. */
export interface GpuJsPipeline {
  (...args: unknown[]): Promise<unknown>;
  /** The mode of the kernels that ran; null before the first call. */
  readonly backend: string | null;
  readonly executorKind: string;
  readonly fallbackReason: string | null;
  destroy(): Promise<void>;
}

/** The versions that are known to work. */
const VERSIONS = { 'gpu.js': '^2.24.1', webgpu: '^0.6.2' } as const;

/**
 * Loads gpu.js; nothing of it is loaded before.
 * @throws GpuUnavailableError when it is not installed
 */
export async function loadGpuJs(): Promise<GpuJs> {
  let loaded: unknown;
  try {
    loaded = await import('gpu.js');
  } catch (error) {
    throw missingPackage('gpu.js', error);
  }
  // Node gives the exports as `default`; the build for browsers is the class, with all else attached to it.
  const exported = (loaded as { default?: unknown }).default ?? loaded;
  return exported as GpuJs;
}

/** The error for a package that cannot be loaded: not installed, or not made for this machine. */
export function missingPackage(name: keyof typeof VERSIONS, cause: unknown): GpuUnavailableError {
  const { code, message } = cause as { code?: string; message?: string };
  const notThere = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  const why = notThere
    ? `it needs the package "${name}", which is not installed: npm install ${name}@${VERSIONS[name]}`
    : `the package "${name}" does not load here: ${String(message ?? cause).split('\n')[0]}`;
  return new GpuUnavailableError(why, { cause });
}
