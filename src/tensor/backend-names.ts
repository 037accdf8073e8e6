import { UsageError } from '../errors.ts';
import { GPU_BACKENDS } from './gpu/modes.ts';

/** The kernels that can be asked for by name. `simd` is the best of its builds. */
export const KERNEL_BACKENDS = ['auto', 'simd', 'simd-wide', 'simd-relaxed', 'simd-plain', 'reference'] as const;
/** One of {@link KERNEL_BACKENDS}. */
export type KernelBackend = (typeof KERNEL_BACKENDS)[number];

/** What can train: the kernels, and the modes of gpu.js, which has engines of its own. */
export const BACKENDS = [...KERNEL_BACKENDS, ...GPU_BACKENDS] as const;
/** One of {@link BACKENDS}. */
export type Backend = (typeof BACKENDS)[number];

/** @throws UsageError unless `name` is one of BACKENDS */
export function parseBackend(name: string): Backend {
  const backend = BACKENDS.find((candidate) => candidate === name);
  if (!backend) throw new UsageError(`--backend: there is no "${name}"; there are ${BACKENDS.join(', ')}.`);
  return backend;
}
