/** The modes of gpu.js, the one to prefer first. */
export const GPU_MODES = ['webgpu', 'webgl2', 'headlessgl', 'webasm', 'cpu'] as const;
/** One of {@link GPU_MODES}. */
export type GpuMode = (typeof GPU_MODES)[number];

/** Those that compute on a GPU, where there is one; the others run anywhere, to test and to compare. */
export const MODES_ON_A_GPU = ['webgpu', 'webgl2', 'headlessgl'] as const satisfies readonly GpuMode[];

/** The names of the backends that are gpu.js: `gpu` is the best mode that has a GPU. */
export const GPU_BACKENDS = ['gpu', 'gpu-webgpu', 'gpu-webgl2', 'gpu-headlessgl', 'gpu-webasm', 'gpu-cpu'] as const;
/** One of {@link GPU_BACKENDS}. */
export type GpuBackend = (typeof GPU_BACKENDS)[number];

/** Whether a backend is one of gpu.js. */
export function isGpuBackend(backend: string): backend is GpuBackend {
  return (GPU_BACKENDS as readonly string[]).includes(backend);
}

/** The mode that a backend names; undefined for `gpu`, which chooses. */
export function modeOf(backend: GpuBackend): GpuMode | undefined {
  return GPU_MODES.find((mode) => backend === `gpu-${mode}`);
}
