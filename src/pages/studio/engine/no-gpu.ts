import { UsageError } from '../../../errors.ts';

/**
 * Stands in the page for the engine on the GPU: gpu.js makes its kernels from text at run time, which the page's content
 * security policy forbids.
 */
export function createGpuEngine(): never {
  throw new UsageError(
    'The page computes in WebAssembly; to use a GPU, run the command line: etude train --backend gpu.',
  );
}

/** No GPU was measured for the page. */
export function knownGpuEngine(): undefined {
  return undefined;
}
