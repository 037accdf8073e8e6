import type { Shape, Tensor } from '../tensor/index.ts';
import type { NonFinitePlace } from './errors.ts';
import { CELLS, gatesIn } from './cells/kinds.ts';
import type { Network } from './network.ts';
import type { ParameterSet } from './parameters.ts';
import { cellOf } from './spec.ts';

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

/** Looks for the first parameter, or gradient, that is not finite, and the gate it belongs to, where a layer has gates. */
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
  const gates = gatesIn(name);
  return gates ? { stage, layer, gate: gateAt(gates, shape[shape.length - 1], at) } : { stage, layer };
}

function inLayers({ spec, layers, shape, reversal }: Network): NonFinitePlace | undefined {
  const { gates: names, states: stateNames } = CELLS[cellOf(spec)];
  for (const [index, { layer, gates, states }] of layers.entries()) {
    const isReversed = reversal !== undefined && index % 2 === 1;
    for (let t = 0; t < shape.steps; t++) {
      // Of a cell that reads backwards the step of the sequence, not of the reading.
      const stepOf = ({ columns }: Tensor, at: number): number => {
        const row = t * shape.batchSize + Math.floor(at / columns);
        return isReversed ? Math.floor(reversal.rows.data[row] / shape.batchSize) : t;
      };
      const step = gates.row(t);
      const at = firstNonFinite(step);
      // Where there are no gates it is the output that is said to be wrong.
      if (at >= 0) return { stage: 'forward', layer, gate: gateAt(names, step.columns, at) || 'h', timeStep: stepOf(step, at) }; // prettier-ignore
      for (let k = states.length - 1; k >= 0; k--) {
        const state = states[k].row(t + 1);
        const at = firstNonFinite(state);
        if (at >= 0) return { stage: 'forward', layer, gate: stateNames[k], timeStep: stepOf(state, at) };
      }
    }
  }
  return undefined;
}

/** The gate to which number `at` belongs, where a row of `width` numbers holds all of them side by side. */
function gateAt(gates: readonly string[], width: number, at: number): string {
  return gates[Math.floor((at % width) / (width / gates.length))];
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
