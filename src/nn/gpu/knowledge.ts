import type { GpuBackend } from '../../tensor/index.ts';
import type { AdamSpec, OptimizerSpec } from '../optimizers/spec.ts';
import { CELLS } from '../cells/kinds.ts';
import { cellOf, type ModelSpec } from '../spec.ts';

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

/** The parts of a model that the GPU's plans do not know, in words; none where they know it whole. */
export function unknownToGpu(spec: ModelSpec): string[] {
  const { inputs, heads, evaluateOn = 'last' } = spec;
  const cell = cellOf(spec);
  return [
    ...(cell === 'lstm' ? [] : [`layers of ${CELLS[cell].title}`]),
    ...(inputs.categories.some(({ width }) => width !== undefined) ? ['embedded inputs'] : []),
    ...(spec.lstm.bidirectional ? ['bidirectional layers'] : []),
    ...(spec.lstm.widths ? ['layers of different widths'] : []),
    ...((inputs.dropout ?? 0) > 0 ? ['dropout on inputs'] : []),
    ...(heads.some(({ reads = [], hidden }) => reads.length > 0 || hidden !== undefined) ? ['chained heads'] : []),
    ...(heads.some(({ kind }) => kind === 'numbers') ? ['heads of several numbers or other losses'] : []),
    ...(heads.some((head) => head.kind === 'categorical' && (head.smoothing || head.classWeights))
      ? ['smoothed or weighted classes']
      : []),
    ...(evaluateOn === 'last' ? [] : ['evaluation on every step']),
  ];
}

/** Whether the GPU's plans have an optimizer: Adam, without clipping by value, for all parameters. */
export function isKnownToGpu(optimizer: OptimizerSpec): optimizer is AdamSpec {
  const { kind, clipValue = null, freeze = [] } = optimizer;
  return kind === 'adam' && clipValue === null && freeze.length === 0;
}
