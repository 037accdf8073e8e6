import { UsageError } from '../errors.ts';
import { HeapArena } from './arena.ts';
import { GPU_BACKENDS, isGpuBackend } from './gpu/modes.ts';
import type { Kernels } from './kernels.ts';
import { ReferenceKernels } from './reference/kernels.ts';
import { SimdKernels } from './simd/kernels.ts';
import { bestSimdVariant, compileSimd } from './simd/module.ts';

/** The kernels that can be asked for by name. `simd` is the better of its two variants. */
export const KERNEL_BACKENDS = ['auto', 'simd', 'simd-relaxed', 'simd-plain', 'reference'] as const;
export type KernelBackend = (typeof KERNEL_BACKENDS)[number];

/** What can train: the kernels, and the modes of gpu.js, which has engines of its own. */
export const BACKENDS = [...KERNEL_BACKENDS, ...GPU_BACKENDS] as const;
export type Backend = (typeof BACKENDS)[number];

/**
 * New kernels with an arena of their own. `auto` takes the fastest that runs here; `Kernels.name` says which that was.
 * @throws UsageError when there is no backend of that name, or this machine's JavaScript engine cannot run it
 */
export function createKernels(backend = 'auto'): Kernels {
  switch (parseKernelBackend(backend)) {
    case 'reference':
      return new ReferenceKernels(new HeapArena('float32'));
    case 'simd-relaxed':
      if (bestSimdVariant() !== 'relaxed') refuse(backend, 'relaxed SIMD; use simd-plain or auto');
      return new SimdKernels(compileSimd('relaxed'));
    case 'simd-plain':
      if (bestSimdVariant() === undefined) refuse(backend, 'WebAssembly SIMD; use reference or auto');
      return new SimdKernels(compileSimd('plain'));
    case 'simd':
      return new SimdKernels(
        compileSimd(bestSimdVariant() ?? refuse(backend, 'WebAssembly SIMD; use reference or auto')),
      );
    case 'auto': {
      const variant = bestSimdVariant();
      return variant ? new SimdKernels(compileSimd(variant)) : new ReferenceKernels(new HeapArena('float32'));
    }
  }
}

/** @throws UsageError unless `name` is one of BACKENDS */
export function parseBackend(name: string): Backend {
  const backend = BACKENDS.find((candidate) => candidate === name);
  if (!backend) throw new UsageError(`--backend: there is no "${name}"; there are ${BACKENDS.join(', ')}.`);
  return backend;
}

function parseKernelBackend(name: string): KernelBackend {
  const backend = parseBackend(name);
  if (!isGpuBackend(backend)) return backend;
  throw new UsageError(`--backend ${name}: gpu.js trains, but does nothing note by note; use simd, reference or auto.`);
}

function refuse(backend: string, missing: string): never {
  throw new UsageError(`--backend ${backend}: this JavaScript engine has no ${missing}.`);
}
