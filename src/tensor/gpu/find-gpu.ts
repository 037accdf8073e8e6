import { GpuUnavailableError } from './errors.ts';
import type { GpuAdapter, GpuJs } from './gpu-js.ts';
import type { GpuMode } from './modes.ts';

/** What a device can hold. */
export interface GpuLimits {
  /** Bytes of the largest array. */
  arrayBytes: number;
  /** The longest first and second axis of an output, and the longest third. */
  columns: number;
  layers: number;
}

/** What a mode computes on. */
export interface FoundGpu {
  /** The GPU, as its driver calls it; undefined for the modes that compute on the processor. */
  adapter?: string;
  /** Whether there is no GPU in it: the processor computes, or plays the GPU (SwiftShader, llvmpipe). */
  software: boolean;
  limits: GpuLimits;
}

const ANYTHING: GpuLimits = { arrayBytes: Infinity, columns: Infinity, layers: Infinity };
/** WebAssembly's 32-bit memory. */
const WASM_BYTES = 2 ** 32 - 2 ** 16;
/** gpu.js's workgroups for outputs of two and three axes are 8 x 8 x 1. */
const WORKGROUP = 8;

/**
 * Looks whether a mode can run here, and on what. For `webgpu` there must be a `navigator.gpu`.
 * @throws GpuUnavailableError with the reason why it cannot
 */
export async function findGpu(gpuJs: GpuJs, mode: GpuMode): Promise<FoundGpu> {
  switch (mode) {
    case 'cpu':
      return { software: true, limits: ANYTHING };
    case 'webasm':
      if (!gpuJs.GPU.isWebAssemblySupported) throw new GpuUnavailableError('this JavaScript engine has no WebAssembly');
      return { software: true, limits: { ...ANYTHING, arrayBytes: WASM_BYTES } };
    case 'webgpu':
      return findWebGpu(gpuJs);
    case 'webgl2':
      if (!gpuJs.GPU.isWebGL2Supported)
        throw new GpuUnavailableError('WebGL2 is there in browsers only, and not in all');
      return findWebGl(gpuJs, mode);
    case 'headlessgl':
      if (!gpuJs.GPU.isHeadlessGLSupported) {
        throw new GpuUnavailableError('it needs the package "gl", built for this machine, and an X server');
      }
      return findWebGl(gpuJs, mode);
  }
}

async function findWebGpu(gpuJs: GpuJs): Promise<FoundGpu> {
  const { gpu } = (globalThis as { navigator?: { gpu?: { requestAdapter(): Promise<GpuAdapter | null> } } }).navigator!;
  // Asked before gpu.js asks: where there is none, its own error speaks of headless browsers.
  const first = await gpu!.requestAdapter().catch((error: unknown) => {
    throw new GpuUnavailableError(`WebGPU finds no GPU here: ${(error as Error).message}`, { cause: error });
  });
  if (!first) throw new GpuUnavailableError('WebGPU finds no GPU here');
  const { adapter, device } = await gpuJs.WebGPUContext.acquire();
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupsPerDimension: groups } = device.limits;
  const limits = {
    arrayBytes: Math.min(maxStorageBufferBindingSize, maxBufferSize),
    columns: groups * WORKGROUP,
    layers: groups,
  };
  const { vendor, architecture, device: name, description, isFallbackAdapter } = adapter.info ?? {};
  const words = [description, name, vendor, architecture].filter((word) => word !== undefined && word !== '');
  const inWords = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
  return { adapter: inWords, software: isFallbackAdapter === true || isSoftware(words.join(' ')), limits };
}

function findWebGl(gpuJs: GpuJs, mode: GpuMode): FoundGpu {
  const probe = new gpuJs.GPU({ mode });
  // A context comes with the first kernel.
  probe.createKernel('function () { return 1; }', { output: [1] });
  const context = probe.context as WebGl | undefined;
  const texture = probe.Kernel.features?.maxTextureSize ?? 4096;
  const adapter = rendererOf(context);
  void probe.destroy();
  // Of a texel's four numbers gpu.js uses one.
  return { adapter, software: isSoftware(adapter), limits: { ...ANYTHING, arrayBytes: 4 * texture * texture } };
}

interface WebGl {
  getExtension(name: string): { UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
  RENDERER: number;
}

/** The GPU's name, or what the browser gives instead where it hides it. */
function rendererOf(context: WebGl | undefined): string {
  if (!context) return 'unnamed GPU';
  const extension = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
}

function isSoftware(name: string): boolean {
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
