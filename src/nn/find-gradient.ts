import type { Kernels, Random } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { locateNonFinite } from './diagnose.ts';
import { weightedLoss, type StepResult } from './engine.ts';
import { NonFiniteError } from './errors.ts';
import type { Network } from './network.ts';
import type { ParameterSet } from './parameters.ts';

/** What a gradient is found with: a network that trains, and what it was laid out over. */
export interface GradientSource {
  kernels: Kernels;
  network: Network;
  parameters: ParameterSet;
  gradients: ParameterSet;
  dropout: Random;
  /** The norm of what stands in `gradients`, as far as it is trained. */
  norm: () => number;
}

/**
 * Forward, losses and backward on one batch; its gradient stands in `gradients` then.
 * @throws InputError when the batch cannot be loaded, NonFiniteError when a loss or the gradient is not finite: dropout is as
 *   it was then
 */
export function findGradient(source: GradientSource, batch: Batch): Omit<StepResult, 'clipped'> {
  const { kernels, network, parameters, gradients, dropout, norm } = source;
  const dropoutBefore = dropout.state();
  network.load(batch);
  kernels.fill(gradients.flat, 0);
  network.forward();
  const losses = network.losses();
  const loss = weightedLoss(network.spec, losses);
  network.backward();
  const gradientNorm = norm();
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
    dropout.restore(dropoutBefore);
    const place = locateNonFinite(network, parameters, gradients);
    dropout.restore(dropoutBefore);
    throw new NonFiniteError(place, loss, gradientNorm);
  }
  return { losses, loss, gradientNorm };
}
