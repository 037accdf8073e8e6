import { findSimdVariant, isGpuBackend, loadKernels, parseBackend, type Kernels } from '../../tensor/index.ts';

/**
 * Kernels of their own for a training, as `createEngine` takes them for one thread.
 * @throws UsageError when the backend is unknown, is a GPU, or does not run here
 */
export async function kernelsFor(backend: string): Promise<Kernels> {
  const known = parseBackend(backend);
  // Finds out, once in a process, which build is the fastest.
  if (!isGpuBackend(known)) await findSimdVariant(known);
  return loadKernels(known, { lasting: true });
}
