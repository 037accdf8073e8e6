import { GpuDevice } from './device.ts';
import { GpuUnavailableError } from './errors.ts';
import { GPU_MODES, MODES_ON_A_GPU, modeOf, type GpuBackend, type GpuMode } from './modes.ts';

/** A mode of gpu.js, and whether it runs here. */
export type GpuModeReport = { mode: GpuMode; backend: GpuBackend } & (
  | {
      available: true;
      /** The GPU, as its driver calls it; undefined for the modes that compute on the processor. */
      adapter?: string;
      /** Whether there is no GPU in it: the processor computes, or plays the GPU. */
      software: boolean;
    }
  | { available: false; reason: string }
);

/** Every mode of gpu.js, the one to prefer first, with what it runs on here or why it does not. Opens each and closes it. */
export async function listGpuModes(): Promise<GpuModeReport[]> {
  const reports: GpuModeReport[] = [];
  for (const mode of GPU_MODES) {
    const named = { mode, backend: `gpu-${mode}` as const };
    try {
      const device = await GpuDevice.open(mode);
      reports.push({ ...named, available: true, adapter: device.adapter, software: device.software });
      await device.dispose();
    } catch (error) {
      if (!(error instanceof GpuUnavailableError)) throw error;
      reports.push({ ...named, available: false, reason: error.message });
    }
  }
  return reports;
}

/**
 * Opens what a backend names; `gpu` the first mode that has a GPU, which one that a processor plays is not.
 * @throws GpuUnavailableError when there is none, in one line with the reason and with what to use instead
 */
export async function openGpu(backend: GpuBackend): Promise<GpuDevice> {
  const mode = modeOf(backend);
  if (!mode) return openBest();
  try {
    return await GpuDevice.open(mode);
  } catch (error) {
    if (!(error instanceof GpuUnavailableError)) throw error;
    const instead = mode === 'webasm' || mode === 'cpu' ? '' : '; gpu-webasm runs the same kernels on the processor';
    throw new GpuUnavailableError(`--backend ${backend}: ${error.message}. Use --backend simd${instead}.`, {
      cause: error,
    });
  }
}

async function openBest(): Promise<GpuDevice> {
  const reasons = new Map<string, string[]>();
  for (const mode of MODES_ON_A_GPU) {
    try {
      const device = await GpuDevice.open(mode);
      if (!device.software) return device;
      await device.dispose();
      throw new GpuUnavailableError(`${device.adapter} is no GPU but a program (gpu-${mode} takes it all the same)`);
    } catch (error) {
      if (!(error instanceof GpuUnavailableError)) throw error;
      reasons.set(error.message, [...(reasons.get(error.message) ?? []), mode]);
    }
  }
  const found = [...reasons].map(([reason, modes]) => `${modes.join(', ')}: ${reason}`).join('; ');
  throw new GpuUnavailableError(
    `--backend gpu: no GPU to be used here (${found}). Use --backend simd; gpu-webasm runs the same kernels on the processor.`,
  );
}
