import { listGpuModes } from '../src/nn/gpu/index.ts';
import { bestSimdVariant, wideObstacle } from '../src/tensor/index.ts';
import type { EngineRequest } from './engine.ts';

/** One way to compute, by the name of its backend, and whether it runs here. */
export interface Mode {
  backend: string;
  /** What computes: the processor, or the GPU as its driver calls it. */
  device: string;
  /** Whether the processor computes, or plays the GPU. */
  software: boolean;
  /** Why it does not run here; undefined where it does. */
  missing?: string;
}

/** Every way to compute that there is: our own kernels first, then gpu.js, its fastest mode first. */
export async function listModes(): Promise<Mode[]> {
  const best = bestSimdVariant();
  const ours = { device: PROCESSOR, software: true };
  const none = (what: string): string => `this JavaScript engine has no ${what}`;
  return [
    { ...ours, backend: 'simd-wide', missing: wideObstacle() },
    { ...ours, backend: 'simd-relaxed', missing: best === 'relaxed' ? undefined : none('relaxed SIMD') },
    { ...ours, backend: 'simd-plain', missing: best === undefined ? none('WebAssembly SIMD') : undefined },
    { ...ours, backend: 'reference' },
    ...(await listGpuModes()).map((mode): Mode => {
      if (!mode.available) return { backend: mode.backend, device: '', software: false, missing: mode.reason };
      return { backend: mode.backend, device: mode.adapter ?? PROCESSOR, software: mode.software };
    }),
  ];
}

const PROCESSOR = 'the processor';

/** Steps of the reference run that verify a mode that takes seconds for each: the second has seen the way back and Adam. */
const FEW_STEPS = 2;

/** How a benchmark asks for a mode: where a processor plays the GPU step by step, and what is slow verified by fewer steps. */
export function requestFor({ backend, software }: Mode): EngineRequest {
  const slow = software && backend.startsWith('gpu-');
  if (slow) return { backend, threads: 'auto', planSteps: 1, verifySteps: FEW_STEPS };
  return { backend, threads: 'auto', ...(backend === 'reference' ? { verifySteps: FEW_STEPS } : {}) };
}

/** What is missing, a line for each mode. */
export function missingInWords(modes: readonly Mode[]): string[] {
  return modes.flatMap(({ backend, missing }) =>
    missing === undefined ? [] : [`Not measured: ${backend}: ${missing}.`],
  );
}
