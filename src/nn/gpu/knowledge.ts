import type { GpuBackend } from '../../tensor/index.ts';

/** From this many hidden units on the GPU is faster than the SIMD kernels, with batches of this many sequences or more. */
export interface CrossoverPoint {
  batchSize: number;
  hiddenSize: number;
}

/** What was measured on a machine: where its GPU wins. `auto` goes by it, and without it never looks for a GPU. */
export interface GpuKnowledge {
  backend: GpuBackend;
  /** The GPU, as its driver calls it: on another one the knowledge is worth nothing. */
  device: string;
  /** In the order of batch sizes; the larger the batch, the fewer units. Empty where the GPU never wins. */
  frontier: readonly CrossoverPoint[];
}

/** Whether the GPU was faster at this size, or at a smaller one than this. */
export function gpuWins({ frontier }: GpuKnowledge, size: CrossoverPoint): boolean {
  return frontier.some(({ batchSize, hiddenSize }) => batchSize <= size.batchSize && hiddenSize <= size.hiddenSize);
}
