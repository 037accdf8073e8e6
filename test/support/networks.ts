import { randomBatch } from '../../src/nn/gradient-check.ts';
import { Network } from '../../src/nn/network.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import type { Batch } from '../../src/nn/batch.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { HeapArena, Random, ReferenceKernels, type Kernels } from '../../src/tensor/index.ts';

/** A network that can be trained, with all that stands around it. */
export interface TrainableNetwork {
  kernels: Kernels;
  network: Network;
  parameters: ParameterSet;
  gradients: ParameterSet;
  dropout: Random;
  batch: Batch;
}

/** A network in float64 with random weights (biases too) and a random batch loaded. */
export function trainableNetwork(
  spec: ModelSpec,
  { batchSize, steps }: { batchSize: number; steps: number },
  seed: number,
  kernels: Kernels = new ReferenceKernels(new HeapArena('float64')),
): TrainableNetwork {
  const parameters = new ParameterSet(kernels.arena, spec);
  const gradients = new ParameterSet(kernels.arena, spec);
  const random = Random.stream(seed, 'init');
  for (const [, { data }] of parameters.entries()) data.forEach((_, at) => (data[at] = 0.8 * random.normal()));
  const dropout = Random.stream(seed, 'dropout');
  const network = new Network(kernels, spec, { batchSize, steps }, parameters, {
    training: { gradients, dropout },
  });
  const batch = randomBatch(spec, batchSize, steps, Random.stream(seed, 'batch'));
  network.load(batch);
  return { kernels, network, parameters, gradients, dropout, batch };
}

/** Forward, losses and backward from cleared gradients. @returns the losses of the heads */
export function runBackward({ kernels, network, gradients }: TrainableNetwork): number[] {
  kernels.fill(gradients.flat, 0);
  network.forward();
  const losses = network.losses();
  network.backward();
  return losses;
}
