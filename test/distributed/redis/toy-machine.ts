import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenMachineHere } from '../../../src/distributed/redis/rounds/machine-here.ts';
import type { Contribution, RoundTask } from '../../../src/distributed/rounds/machines.ts';

/** Parameters of the toy. */
export const PARAMETERS = 50;

/** What machine k of n of the toy finds in a round: numbers that depend on weights, round and machine, and on nothing else. */
export function toyContribution(task: RoundTask, machine: number, machines: number): Contribution {
  const steps = task.learningRates
    .filter((_, i) => i % machines === machine)
    .map((rate) => ({ losses: [rate, 0.1], loss: rate + 0.1, gradientNorm: 1 + machine, clipped: false }));
  const difference = task.weights.map((weight, i) => 0.1 * weight + 0.001 * ((i + 3 * task.round + 7 * machine) % 11));
  return { machine, difference, steps, beganAnew: false };
}

/** A round of the toy: as many batches as each of the machines takes `steps` of. */
export function toyTask(round: number, weights: Float32Array, batches = 6): RoundTask {
  return {
    ...{ round, step: (round - 1) * batches, epoch: 0, shuffle: [1, 2, 3, 4], batch: (round - 1) * batches },
    learningRates: Array.from({ length: batches }, (_, k) => 0.01 * (k + 1)),
    weights,
  };
}

/** The weights after an outer step. */
export function toyStep(weights: Float32Array, contributions: readonly Contribution[]): Float32Array {
  return weights.map((weight, i) => {
    const sum = contributions.reduce((so, { difference }) => so + difference[i], 0);
    return weight - sum / contributions.length;
  });
}

/** A machine that computes the toy, after `ms`. */
export const openToyAfter =
  (ms: number): OpenMachineHere =>
  ({ machine, machines }) =>
    Promise.resolve({
      parameters: PARAMETERS,
      compute: async (task, signal) => {
        if (ms > 0) await sleep(ms, undefined, { signal });
        return toyContribution(task, machine, machines);
      },
      close: () => Promise.resolve(),
    });

export const openToy = openToyAfter(0);
