import { HeapArena } from './arena.ts';
import { parseKernelBackend, simdVariantFor, type WorkAhead } from './backends.ts';
import type { Kernels } from './kernels.ts';
import { ReferenceKernels } from './reference/kernels.ts';
import { SimdKernels } from './simd/kernels.ts';
import { compileSimd } from './simd/module.ts';

/**
 * New kernels with an arena of their own, made at once. `auto` takes the fastest that runs here; `Kernels.name` says which
 * that was. Whoever bundles this for a page has every build of the kernels in it: `loadKernels` loads one.
 * @throws UsageError when there is no backend of that name, or this machine's JavaScript engine cannot run it
 */
export function createKernels(backend = 'auto', work: WorkAhead = {}): Kernels {
  const variant = simdVariantFor(parseKernelBackend(backend), work);
  return variant ? new SimdKernels(compileSimd(variant)) : new ReferenceKernels(new HeapArena('float32'));
}
