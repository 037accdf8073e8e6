import { UsageError } from '../errors.ts';
import { HeapArena } from './arena.ts';
import { parseBackend, type KernelBackend } from './backend-names.ts';
import { isGpuBackend } from './gpu/modes.ts';
import type { Kernels } from './kernels.ts';
import { ReferenceKernels } from './reference/kernels.ts';
import type { SimdVariant } from './simd/exports.ts';
import { bestSimdVariant, wideObstacle } from './simd/variant.ts';
import { findWideVerdict, knownWideVerdict } from './simd/wide.ts';

/**
 * New kernels with an arena of their own, as `createKernels` makes them; of SIMD only the build that is taken is loaded, when it is taken.
 * @throws UsageError when there is no backend of that name, or this machine's JavaScript engine cannot run it
 */
export async function loadKernels(backend = 'auto', work: WorkAhead = {}): Promise<Kernels> {
  const variant = simdVariantFor(parseKernelBackend(backend), work);
  if (!variant) return new ReferenceKernels(new HeapArena('float32'));
  const { loadSimdKernels } = await import('./simd/load.ts');
  return loadSimdKernels(variant);
}

/** How much there is to do. */
export interface WorkAhead {
  /**
   * It takes more than a moment: the wide build is taken where it is known to be the fastest. To start it takes some 15 ms more
   * than to start a narrow one, which 10,000 generated notes make up for, or a dozen training steps.
   */
  lasting?: boolean;
}

/**
 * The SIMD build that a backend means here; undefined for the plain kernels. What is fastest for work that lasts nobody knows before
 * {@link findSimdVariant}.
 * @throws UsageError where this machine's JavaScript engine cannot run what the backend names
 */
export function simdVariantFor(backend: KernelBackend, { lasting }: WorkAhead = {}): SimdVariant | undefined {
  if (backend === 'reference') return undefined;
  const best = bestSimdVariant();
  if (best === undefined) return backend === 'auto' ? undefined : refuse(backend, NO_SIMD);
  if (backend === 'simd-plain') return 'plain';
  if (backend === 'simd-wide') return assertWide(best);
  if (backend === 'simd-relaxed') return best === 'relaxed' ? best : refuse(backend, NO_RELAXED_SIMD);
  return lasting && best === 'relaxed' && knownWideVerdict()?.wide ? 'wide' : best;
}

/** As {@link simdVariantFor} for work that lasts: takes some 60 to 90 ms, once in a process, to find out whether the wide build is faster. */
export async function findSimdVariant(backend: KernelBackend): Promise<SimdVariant | undefined> {
  if ((backend === 'auto' || backend === 'simd') && bestSimdVariant() === 'relaxed') await findWideVerdict();
  return simdVariantFor(backend, { lasting: true });
}

const NO_SIMD = 'this JavaScript engine has no WebAssembly SIMD; use reference or auto.';
const NO_RELAXED_SIMD = 'this JavaScript engine has no relaxed SIMD; use simd-plain or auto.';

function assertWide(best: SimdVariant): SimdVariant {
  const obstacle = wideObstacle();
  if (obstacle) refuse('simd-wide', `${obstacle}; use simd or auto.`);
  return best === 'relaxed' ? 'wide' : refuse('simd-wide', NO_RELAXED_SIMD);
}

export function parseKernelBackend(name: string): KernelBackend {
  const backend = parseBackend(name);
  if (!isGpuBackend(backend)) return backend;
  throw new UsageError(`--backend ${name}: gpu.js trains, but does nothing note by note; use simd, reference or auto.`);
}

function refuse(backend: string, why: string): never {
  throw new UsageError(`--backend ${backend}: ${why}`);
}
