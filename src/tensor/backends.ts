import { UsageError } from '../errors.ts';
import { HeapArena } from './arena.ts';
import type { Kernels } from './kernels.ts';
import { ReferenceKernels } from './reference/kernels.ts';

/** The kernels that can be asked for by name. */
export const BACKENDS = ['auto', 'reference'] as const;
export type Backend = (typeof BACKENDS)[number];

/**
 * New kernels with an arena of their own. `auto` takes the fastest that runs here; `Kernels.name` says which that was.
 * @throws UsageError when there is no backend of that name
 */
export function createKernels(backend = 'auto'): Kernels {
  if (!BACKENDS.some((name) => name === backend)) {
    throw new UsageError(`--backend: there is no "${backend}"; there are ${BACKENDS.join(', ')}.`);
  }
  return new ReferenceKernels(new HeapArena('float32'));
}
