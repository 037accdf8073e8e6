import type { Engine, ModelSpec } from '../../src/nn/index.ts';
import { countTrainingPlan } from '../../src/nn/gpu/index.ts';
import type { WorkloadShape } from '../workload.ts';

/** What a training step costs a device beside arithmetic, counted from its plan; of a plan of several steps each one's part. */
export interface GpuCosts {
  /** What ran, in gpu.js's words and the driver's: `gpu.js webgpu, NVIDIA H100, fused plan of 8 steps`. */
  ran: string;
  /** Training steps that one call takes. */
  planSteps: number;
  /** Kernels that run one after the other. */
  launches: number;
  /** Bytes that they write. */
  bytesWritten: number;
  /** Bytes that go to the device, and that come back. */
  bytesUp: number;
  bytesDown: number;
}

/** Counts the costs of a training step of an engine that has run. */
export function gpuCosts(spec: ModelSpec, shape: WorkloadShape, { name, preferredSteps = 1 }: Engine): GpuCosts {
  const { batchSize, seqLength: steps } = shape;
  const counts = countTrainingPlan(spec, { batchSize, steps, planSteps: preferredSteps });
  return {
    ran: name,
    planSteps: preferredSteps,
    launches: counts.launches / preferredSteps,
    bytesWritten: counts.bytesWritten / preferredSteps,
    bytesUp: counts.bytesUp / preferredSteps,
    bytesDown: counts.bytesDown / preferredSteps,
  };
}
