import { expect } from 'vitest';

import { ADAM_DEFAULTS } from '../../src/nn/engine.ts';
import { LocalEngine } from '../../src/nn/local-engine.ts';
import { Random, type Kernels } from '../../src/tensor/index.ts';
import { tutorialSpec } from '../support/model-specs.ts';
import { REFERENCE_LOSSES, referenceRun } from '../support/reference-run.ts';

/**
 * Trains the reference run for `steps` steps and expects the known losses on the way, to 2e-6. They belong to PyTorch's form
 * of Adam, in which ε stands beside the root of v after the bias correction; Keras's form gives the same when its ε is
 * smaller by √(1-β₂ᵗ) at step t.
 */
export async function expectReferenceLosses(kernels: Kernels, steps: number): Promise<void> {
  const optimizer = { ...ADAM_DEFAULTS };
  const streams = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  const engine = new LocalEngine(tutorialSpec(), { kernels, optimizer, steps: 25, ...streams });
  const { parameters, batch } = referenceRun();
  await engine.writeParameters(parameters);
  for (let step = 1; step <= steps; step++) {
    optimizer.epsilon = ADAM_DEFAULTS.epsilon * Math.sqrt(1 - ADAM_DEFAULTS.beta2 ** step);
    const { loss } = await engine.trainStep(batch, 0.005);
    const expected = (REFERENCE_LOSSES as Record<number, number>)[step];
    if (expected !== undefined) expect(Math.abs(loss - expected), `step ${step}: ${loss}`).toBeLessThanOrEqual(2e-6);
  }
}
