import { describe, expect, it } from 'vitest';

import { findNonFinite, inParameters } from '../../src/nn/diagnose.ts';
import type { NonFinitePlace } from '../../src/nn/errors.ts';
import { GATES } from '../../src/nn/cells/lstm.ts';
import { smallSpec } from '../support/model-specs.ts';
import { trainableNetwork, type TrainableNetwork } from '../support/networks.ts';

const SHAPE = { batchSize: 3, steps: 4 };

/** A network that has run forward, all finite. */
function healthy(): TrainableNetwork {
  const made = trainableNetwork(smallSpec(), SHAPE, 1);
  made.network.forward();
  made.network.losses();
  return made;
}

function placeAfter(poison: (made: TrainableNetwork) => void): NonFinitePlace | undefined {
  const made = healthy();
  poison(made);
  return findNonFinite(made.network, made.parameters);
}

describe('looking for the first value that is not finite', () => {
  it('finds none where there is none', () => {
    expect(placeAfter(() => undefined)).toBeUndefined();
  });

  it('names the layer, the gate and the time step of an activation', () => {
    for (const layer of [0, 1]) {
      for (const [index, gate] of GATES.entries()) {
        for (let timeStep = 0; timeStep < SHAPE.steps; timeStep++) {
          const place = placeAfter(({ network }) => {
            const step = network.layers[layer].gates.row(timeStep);
            step.data[step.columns * 2 + (index * step.columns) / 4 + 1] = NaN;
          });
          expect(place).toEqual({ stage: 'forward', layer: `lstm.${layer}`, gate, timeStep });
        }
      }
    }
  });

  it('tells the cell state from the output', () => {
    for (const state of ['c', 'h'] as const) {
      const place = placeAfter(
        ({ network }) => (network.layers[1].states[state === 'h' ? 0 : 1].row(3).data[4] = Infinity),
      );
      expect(place).toEqual({ stage: 'forward', layer: 'lstm.1', gate: state, timeStep: 2 });
    }
  });

  it('takes the earliest step of the lowest layer', () => {
    const place = placeAfter(({ network }) => {
      network.layers[1].gates.data.fill(NaN);
      network.layers[0].gates.row(3).data.fill(NaN);
      network.layers[0].states[1].row(2).data.fill(NaN);
      network.heads[0].out.data.fill(NaN);
    });
    expect(place).toEqual({ stage: 'forward', layer: 'lstm.0', gate: 'c', timeStep: 1 });
  });

  it('blames the weights before what they give', () => {
    const poisonWeights = ({ parameters, network }: TrainableNetwork): void => {
      parameters.get('lstm.1.recurrent_kernel').data[16 + 9] = NaN;
      network.layers[1].gates.data.fill(NaN);
    };
    expect(placeAfter(poisonWeights)).toEqual({ stage: 'parameters', layer: 'lstm.1', gate: 'g' });
  });

  it('finds outputs of heads', () => {
    expect(placeAfter(({ network }) => (network.heads[1].out.data[3] = NaN))).toEqual({
      stage: 'forward',
      layer: 'heads.step',
    });
  });
});

describe('looking through gradients', () => {
  it('names the first that is not finite, gate and all', () => {
    const { gradients } = healthy();
    expect(inParameters(gradients, 'gradient')).toBeUndefined();
    gradients.get('heads.pitch.bias').data[1] = NaN;
    expect(inParameters(gradients, 'gradient')).toEqual({ stage: 'gradient', layer: 'heads.pitch' });
    gradients.get('lstm.1.bias').data[15] = Infinity;
    expect(inParameters(gradients, 'gradient')).toEqual({ stage: 'gradient', layer: 'lstm.1', gate: 'o' });
  });
});
