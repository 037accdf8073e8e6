import { expect } from 'vitest';

import {
  createWorkload,
  LEARNING_RATE,
  LOSS_TOLERANCE,
  REFERENCE,
  REFERENCE_LOSSES,
  TorchAdam,
} from '../../bench/workload.ts';
import { LocalEngine } from '../../src/nn/local-engine.ts';
import { Random, type Kernels } from '../../src/tensor/index.ts';

/**
 * Trains the reference workload of the benchmarks for `steps` steps and expects, on the way, the losses on which five other
 * implementations agree.
 */
export async function expectReferenceLosses(kernels: Kernels, steps: number): Promise<void> {
  const { spec, parameters, batch } = createWorkload(REFERENCE);
  const optimizer = new TorchAdam();
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const engine = new LocalEngine(spec, { kernels, optimizer, steps: REFERENCE.seqLength, ...streams });
  await engine.writeParameters(parameters);
  const known = new Map(REFERENCE_LOSSES);
  for (let step = 1; step <= steps; step++) {
    optimizer.nextStep();
    const { loss } = await engine.trainStep(batch, LEARNING_RATE);
    const expected = known.get(step);
    if (expected === undefined) continue;
    expect(Math.abs(loss - expected), `step ${step}: ${loss}`).toBeLessThanOrEqual(LOSS_TOLERANCE);
  }
}
