import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  CELL_KINDS,
  CELLS,
  gradientThroughTime,
  layerWidth,
  Network,
  ParameterSet,
  weightedLoss,
  recordSequence,
  type ModelSpec,
  type Prediction,
} from '../../../src/nn/index.ts';
import { cellOf } from '../../../src/nn/spec.ts';
import { createKernels, HeapArena, Random, ReferenceKernels } from '../../../src/tensor/index.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { relativeError } from '../../support/tolerances.ts';
import { bitSequence, countedSequence, countingNetwork, rememberingNetwork } from '../../support/wired-networks.ts';
import { anySpecOf, taperedSpec } from './any-cell.ts';
import { randomSequence, randomWeights } from './random-models.ts';
import { inputVectors, said, takenIn, textbookRun, type Nudge } from './textbook-run.ts';

const float64 = () => new ReferenceKernels(new HeapArena('float64'));

/** The derivative of f at 0 by the central difference of fourth order, with a small step: a relu has a kink. */
function slope(f: (by: number) => number, h = 1e-5): number {
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/** Scalars under positive pressure have a kink, where differences say nothing; the pressure is tested by itself. */
function withoutPressure(spec: ModelSpec): ModelSpec {
  return {
    ...spec,
    heads: spec.heads.map((head) => (head.kind === 'scalar' ? { ...head, positivePressure: 0 } : head)),
  };
}

function setting(spec: ModelSpec, steps: number, seed: number) {
  const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
  const recording = recordSequence(spec, weights, sequence, { kernels: float64() });
  const vectors = inputVectors(spec, sequence);
  const run = (nudge: Nudge) => textbookRun(spec, weights, vectors, recording.initialState, nudge, takenIn(recording));
  return { weights, sequence, recording, run };
}

/** Compares gradients of all units and steps with differences of `of`, and the norms with the gradients. */
function expectAgreement(
  spec: ModelSpec,
  steps: number,
  gradients: ReturnType<typeof gradientThroughTime>,
  of: (nudge: Nudge) => number,
) {
  gradients.layers.forEach(({ dh, dc, units }, layer) => {
    expect(dc === undefined).toBe(!CELLS[cellOf(spec)].states.includes('c'));
    const H = layerWidth(spec, layer);
    for (const part of CELLS[cellOf(spec)].states) {
      const analytic = part === 'h' ? units!.dh : units!.dc!;
      const numeric = Array.from({ length: steps * H }, (_, at) =>
        slope((by) => of({ layer, step: Math.floor(at / H), part, unit: at % H, by })),
      );
      const off = numeric.map((value, at) => Math.abs(analytic[at] - value));
      expect(Math.max(...off), `d${part} of layer ${layer}, ${off.indexOf(Math.max(...off))}`).toBeLessThan(1e-8);
      for (let t = 0; t < steps; t++) {
        const length = Math.hypot(...analytic.subarray(t * H, (t + 1) * H));
        expect((part === 'h' ? dh : dc!)[t]).toBeCloseTo(length, 12);
      }
    }
  });
}

describe('the gradient through time', () => {
  it.each(CELL_KINDS)(
    'of any prediction is the numeric difference in every state of every layer and step of %s',
    (cell) => {
      fc.assert(
        fc.property(anySpecOf(cell), fc.integer({ min: 1, max: 5 }), fc.nat(), (spec, steps, seed) => {
          const { weights, recording, run } = setting(spec, steps, seed);
          const head = seed % spec.heads.length;
          const step = seed % steps;
          const prediction: Prediction = { head: spec.heads[head].name, step, class: 'likeliest' };
          const options = { kernels: float64(), units: true };
          const gradients = gradientThroughTime(spec, weights, recording, prediction, options);
          const { out, size, kind } = recording.heads[head];
          const logits = Array.from(out.subarray(step * size, (step + 1) * size));
          const chosen = kind === 'scalar' ? 0 : logits.indexOf(Math.max(...logits));
          expect(gradients.value).toBeCloseTo(said(kind, logits, chosen), 10);
          expectAgreement(spec, steps, gradients, (nudge) => said(kind, run(nudge)[step][head], chosen));
        }),
      );
    },
  );

  it.each(CELL_KINDS.flatMap((cell) => (['all', 'last', 1] as const).map((loss) => [cell, loss] as const)))(
    'of %s, of the loss (%s) is the numeric difference of the weighted loss',
    (cell, loss) => {
      const spec = withoutPressure(taperedSpec(cell));
      const steps = 5;
      const { weights, sequence, recording, run } = setting(spec, steps, 11);
      const gradients = gradientThroughTime(spec, weights, recording, { loss }, { kernels: float64(), units: true });
      const judged = loss === 'all' ? [0, 1, 2, 3] : [loss === 'last' ? 3 : loss];
      const lossOf = (outputs: number[][][]) => {
        const losses = judged.map((t) =>
          spec.heads.reduce((sum, head, k) => {
            const target = sequence.targets[head.name][t + 1];
            const value = said(head.kind, outputs[t][k], target);
            return sum + head.lossWeight * (head.kind === 'scalar' ? (value - target) ** 2 : -value);
          }, 0),
        );
        return losses.reduce((a, b) => a + b, 0) / losses.length;
      };
      expectAgreement(spec, steps, gradients, (nudge) => lossOf(run(nudge)));
      expect(gradients.value).toBeCloseTo(lossOf(run({ layer: 0, step: 0, part: 'h', unit: 0, by: 0 })), 10);
    },
  );

  it.each(CELL_KINDS)('is what training sends back through layers of %s, in every state and step', (cell) => {
    const spec = taperedSpec(cell, { lossOn: 'all' });
    const [steps, seed] = [9, 7];
    const { weights, sequence, recording } = setting(spec, steps + 1, seed);
    const { layers, value } = gradientThroughTime(spec, weights, recording, { loss: 'all' }, { kernels: float64(), units: true }); // prettier-ignore
    const kernels = float64();
    const [parameters, gradients] = [new ParameterSet(kernels.arena, spec), new ParameterSet(kernels.arena, spec)];
    parameters.fromArrays(weights);
    const training = { gradients, dropout: Random.stream(1, 'dropout') };
    const network = new Network(kernels, spec, { batchSize: 1, steps }, parameters, { training });
    const part = (values: ArrayLike<number>, from: number, count: number) => Array.from(values).slice(from, from + count); // prettier-ignore
    network.load({
      size: 1,
      steps,
      categories: sequence.categories.map((values) => part(values, 0, steps)),
      features: part(sequence.features, 0, steps * spec.inputs.features.length),
      targets: Object.fromEntries(spec.heads.map(({ name }) => [name, part(sequence.targets[name], 1, steps)])),
    });
    network.forward();
    expect(value).toBeCloseTo(weightedLoss(spec, network.losses()), 12);
    network.backward();
    network.layers.forEach(({ dh }, layer) => {
      const found = layers[layer].units!.dh.subarray(0, steps * layerWidth(spec, layer));
      expect(relativeError(found, [...dh!.data])).toBeLessThan(1e-12);
    });
  });

  it('of one head’s loss is unweighted, and a categorical one is minus that of the log-probability', () => {
    const spec = smallSpec();
    const { weights, recording } = setting(spec, 6, 3);
    const loss = gradientThroughTime(spec, weights, recording, { loss: 2, head: 'pitch' });
    const prediction = gradientThroughTime(spec, weights, recording, { head: 'pitch', step: 2 });
    expect(loss.value).toBeCloseTo(-prediction.value, 10);
    expect(relativeError(loss.layers[0].dc!, prediction.layers[0].dc!)).toBeLessThan(1e-5);
  });

  it('counts the positive pressure on predictions below zero', () => {
    const spec = smallSpec();
    const { weights, recording } = setting(spec, 6, 3);
    const { out, nextLoss } = recording.heads[1];
    const below = Array.from(out).findIndex((p, t) => p < 0 && t < 5);
    const target = recording.sequence.targets!.step[below + 1];
    const options = { kernels: float64() };
    const loss = gradientThroughTime(spec, weights, recording, { loss: below, head: 'step' }, options);
    const value = gradientThroughTime(spec, weights, recording, { head: 'step', step: below }, options);
    expect(loss.value).toBeCloseTo(nextLoss[below], 10);
    expect(loss.layers[1].dh[below] / value.layers[1].dh[below]).toBeCloseTo(Math.abs(2 * (out[below] - target) - 10));
  });

  it.each(CELL_KINDS)('is the same with SIMD kernels, of %s', (cell) => {
    const spec = taperedSpec(cell);
    const { weights, recording } = setting(spec, 40, 5);
    const [exact, fast] = [float64(), createKernels('simd')].map((kernels) =>
      gradientThroughTime(spec, weights, recording, { loss: 'all' }, { kernels }),
    );
    fast.layers.forEach(({ dh, dc }, layer) => {
      expect(relativeError(dh, exact.layers[layer].dh)).toBeLessThan(1e-5);
      if (dc) expect(relativeError(dc, exact.layers[layer].dc!)).toBeLessThan(1e-5);
    });
  });

  it('reaches a hundred steps back in a network that remembers, through its one unit, at half its size', () => {
    const { spec, parameters, unit } = rememberingNetwork(100);
    const recording = recordSequence(spec, parameters, bitSequence(121, [{ at: 0, bit: 1 }]));
    const prediction = { head: 'bit', step: 110, class: 0 };
    const { layers } = gradientThroughTime(spec, parameters, recording, prediction, { units: true });
    const [{ dc = new Float64Array(), units }] = layers;
    expect(dc[10] / dc[110]).toBeCloseTo(0.5, 2);
    const H = spec.lstm.hiddenSize;
    expect(Math.abs(units!.dc![10 * H + unit])).toBeCloseTo(dc[10], 6);
    expect([...dc.subarray(111)].every((value) => value === 0)).toBe(true);
  });

  it('does not fade at all in a network that counts', () => {
    const { spec, parameters } = countingNetwork();
    const recording = recordSequence(spec, parameters, countedSequence(50));
    const [{ dc = [] }] = gradientThroughTime(spec, parameters, recording, { head: 'count', step: 49 }).layers;
    expect(dc[0] / dc[49]).toBeCloseTo(1, 6);
  });

  it('refuses what it cannot know', () => {
    const spec = smallSpec();
    const { weights, sequence, recording } = setting(spec, 4, 1);
    const ask =
      (of: Parameters<typeof gradientThroughTime>[3], record = recording) =>
      () =>
        gradientThroughTime(spec, weights, record, of);
    expect(ask({ loss: 3 })).toThrow(/knows what came next after 3 steps only/);
    expect(ask({ loss: 9 })).toThrow(/steps are 0 to 3/);
    expect(ask({ loss: 'all', head: 'tempo' })).toThrow(/no head "tempo"; there are pitch, step/);
    expect(ask({ head: 'pitch', step: 3 })).toThrow(/name a class, or "likeliest"/);
    expect(ask({ head: 'pitch', step: 0, class: 5 })).toThrow(/classes 0 to 4, got 5/);
    const ablated = recordSequence(spec, weights, sequence, { ablation: [{ layer: 0, part: 'h', units: [0] }] });
    expect(ask({ loss: 'last' }, ablated)).toThrow(/without ablations/);
    const untold = recordSequence(spec, weights, { ...sequence, targets: undefined });
    expect(ask({ loss: 'last' }, untold)).toThrow(/without targets/);
    const other = smallSpec({ lstm: { hiddenSize: 3 } });
    expect(() => gradientThroughTime(other, randomWeights(other, 1), recording, { loss: 'last' })).toThrow(/has 2 layers of LSTM of 4 units and 2 heads, the model 2 layers of LSTM of 3 units/); // prettier-ignore
  });
});
