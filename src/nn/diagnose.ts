import type { Shape, Tensor } from '../tensor/index.ts';
import type { NonFinitePlace } from './errors.ts';
import { GATES } from './cells/lstm.ts';
import type { Network } from './network.ts';
import type { ParameterSet } from './parameters.ts';

/**
 * Looks for the first value that is not finite after a forward pass (`network.forward` and `losses` have run, `backward`
 * has not): weights, layers from below step by step, heads. What was loaded is finite, or it would have been refused.
 */
export function findNonFinite(network: Network, parameters: ParameterSet): NonFinitePlace | undefined {
  return inParameters(parameters, 'parameters') ?? inLayers(network) ?? inHeads(network);
}

/**
 * Finds out why a training step gave a loss or a gradient that is not finite. Runs the batch that is loaded forward once
 * more, the way back having overwritten the activations, and looks through it, then through the gradients.
 */
export function locateNonFinite(network: Network, parameters: ParameterSet, gradients: ParameterSet): NonFinitePlace {
  network.forward();
  const losses = network.losses();
  const found = findNonFinite(network, parameters);
  if (found) return found;
  const head = losses.findIndex((loss) => !Number.isFinite(loss));
  if (head >= 0) return { stage: 'loss', layer: `heads.${network.spec.heads[head].name}` };
  return inParameters(gradients, 'gradient') ?? { stage: 'gradient', layer: 'the whole model (its norm overflows)' };
}

/** Looks for the first parameter, or gradient, that is not finite, and for LSTM layers the gate it belongs to. */
export function inParameters(set: ParameterSet, stage: 'parameters' | 'gradient'): NonFinitePlace | undefined {
  for (const [name, tensor] of set.entries()) {
    const at = firstNonFinite(tensor);
    if (at >= 0) return placeOf(stage, name, tensor.shape, at);
  }
  return undefined;
}

/** The place of number `at` of a parameter, or of its gradient or moments. */
export function placeOf(stage: NonFinitePlace['stage'], name: string, shape: Shape, at: number): NonFinitePlace {
  const layer = name.slice(0, name.lastIndexOf('.'));
  if (!name.startsWith('lstm.')) return { stage, layer };
  const width = shape[shape.length - 1];
  return { stage, layer, gate: GATES[Math.floor((at % width) / (width / 4))] };
}

function inLayers({ layers, shape }: Network): NonFinitePlace | undefined {
  for (const [index, { gates, c, h }] of layers.entries()) {
    const layer = `lstm.${index}`;
    for (let timeStep = 0; timeStep < shape.steps; timeStep++) {
      const step = gates.row(timeStep);
      const at = firstNonFinite(step);
      const hidden = step.columns / 4;
      if (at >= 0) return { stage: 'forward', layer, gate: GATES[Math.floor((at % (4 * hidden)) / hidden)], timeStep };
      if (firstNonFinite(c.row(timeStep + 1)) >= 0) return { stage: 'forward', layer, gate: 'c', timeStep };
      if (firstNonFinite(h.row(timeStep + 1)) >= 0) return { stage: 'forward', layer, gate: 'h', timeStep };
    }
  }
  return undefined;
}

function inHeads({ heads }: Network): NonFinitePlace | undefined {
  for (const { spec, out } of heads) {
    if (firstNonFinite(out) >= 0) return { stage: 'forward', layer: `heads.${spec.name}` };
  }
  return undefined;
}

function firstNonFinite({ data }: Tensor): number {
  return data.findIndex((value: number) => !Number.isFinite(value));
}
