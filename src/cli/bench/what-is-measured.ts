import { REFERENCE, type WorkloadShape } from '../../../bench/workload.ts';
import { UsageError } from '../../errors.ts';
import type { BenchCall } from './report.ts';

/** The shape that the options ask for. */
export function shapeOf(options: Partial<WorkloadShape>): WorkloadShape {
  const { batchSize, seqLength, hiddenSize, layers } = options;
  return {
    batchSize: batchSize ?? REFERENCE.batchSize,
    seqLength: seqLength ?? REFERENCE.seqLength,
    hiddenSize: hiddenSize ?? REFERENCE.hiddenSize,
    layers: layers ?? REFERENCE.layers,
  };
}

/** @throws UsageError for `all`, where only one can be measured */
export function oneBackend({ backend = 'auto' }: BenchCall['options']): string {
  if (backend === 'all')
    throw new UsageError(
      '--backend all: only "bench kernels", "bench train" and "bench modes" measure them all; name one.',
    );
  return backend;
}
