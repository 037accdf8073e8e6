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

/** The backends of our own that run here, the fastest first where V8 and the processor are such that the wide build gains. */
export function ownBackends(): string[] {
  const best = bestSimdVariant();
  return [
    ...(best === 'relaxed' && wideObstacle() === undefined ? ['simd-wide'] : []),
    ...(best === 'relaxed' ? ['simd-relaxed'] : []),
    ...(best === undefined ? [] : ['simd-plain']),
    'reference',
  ];
}

/** Every way to compute that there is: our own kernels first, then gpu.js, its fastest mode first. */
export async function listModes(): Promise<Mode[]> {
  const ours = { device: PROCESSOR, software: true };
  const here = ownBackends();
  const obstacles = {
    'simd-wide': wideObstacle() ?? none('relaxed SIMD'),
    'simd-relaxed': none('relaxed SIMD'),
    'simd-plain': none('WebAssembly SIMD'),
    reference: '',
  };
  return [
    ...Object.entries(obstacles).map(([backend, missing]): Mode => ({ ...ours, backend, missing: here.includes(backend) ? undefined : missing })), // prettier-ignore
    ...(await listGpuModes()).map((mode): Mode => {
      if (!mode.available) return { backend: mode.backend, device: '', software: false, missing: mode.reason };
      return { backend: mode.backend, device: mode.adapter ?? PROCESSOR, software: mode.software };
    }),
  ];
}

const PROCESSOR = 'the processor';

function none(what: string): string {
  return `this JavaScript engine has no ${what}`;
}

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
