import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  GATES,
  recordedQuantities,
  recordSequence,
  type Ablation,
  type ModelSpec,
  type NamedArrays,
  type RecordingOptions,
} from '../../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { anySpec, smallSpec } from '../../support/model-specs.ts';
import { expectSame, relativeError } from '../../support/tolerances.ts';
import { bitSequence, rememberingNetwork } from '../../support/wired-networks.ts';
import { randomSequence, randomWeights } from './random-models.ts';

const float64 = () => new ReferenceKernels(new HeapArena('float64'));

/** Copies of weights in which the rows that read some units of a layer are zero. */
function withoutReading(spec: ModelSpec, weights: NamedArrays, layer: number, units: number[]): NamedArrays {
  const copies = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.slice()]));
  const H = spec.lstm.hiddenSize;
  const readers = [
    `lstm.${layer}.recurrent_kernel`,
    ...(layer + 1 < spec.lstm.layers ? [`lstm.${layer + 1}.kernel`] : spec.heads.flatMap(({ name, hidden }) => [`heads.${name}.kernel`, ...(hidden === undefined ? [] : [`heads.${name}.hidden.kernel`])])),
  ]; // prettier-ignore
  for (const name of readers) {
    const width = copies[name].length / H;
    for (const unit of units) copies[name].fill(0, unit * width, (unit + 1) * width);
  }
  return copies;
}

/** Copies of weights in which a gate of a unit follows its bias alone. */
function withGateAt(spec: ModelSpec, weights: NamedArrays, layer: number, gate: (typeof GATES)[number], unit: number, z: number): NamedArrays {
  const copies = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.slice()]));
  const H = spec.lstm.hiddenSize;
  const column = GATES.indexOf(gate) * H + unit;
  for (const name of ['kernel', 'recurrent_kernel']) {
    const values = copies[`lstm.${layer}.${name}`];
    for (let at = column; at < values.length; at += 4 * H) values[at] = 0;
  }
  copies[`lstm.${layer}.bias`][column] = z;
  return copies;
} // prettier-ignore

const anySetting = fc.record({ spec: anySpec, steps: fc.integer({ min: 1, max: 8 }), seed: fc.nat() });

describe('holding', () => {
  it.each(['reference', 'simd'])('units at zero is the network without the weights that read them, bit for bit (%s)', (backend) => {
    fc.assert(
      fc.property(anySetting, ({ spec, steps, seed }) => {
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const layer = seed % spec.lstm.layers;
        const H = spec.lstm.hiddenSize;
        const units = Array.from({ length: H }, (_, j) => j).filter((j) => (seed >> j) % 2 === 1 || j === seed % H);
        const ablation: Ablation[] = [{ layer, part: 'h', units }];
        const held = recordSequence(spec, weights, sequence, { ablation, kernels: createKernels(backend) });
        const cut = recordSequence(spec, withoutReading(spec, weights, layer, units), sequence, { kernels: createKernels(backend) });
        held.heads.forEach(({ out, nextLoss }, head) => {
          expectSame('out', out, cut.heads[head].out);
          expect([...nextLoss]).toEqual([...cut.heads[head].nextLoss]);
        });
        // Its own cell goes on as it would: only nobody hears of it.
        expectSame('c', held.layers[layer].c!, cut.layers[layer].c!);
        for (const unit of units) for (let t = 0; t < steps; t++) expect(held.layers[layer].h[t * H + unit]).toBe(0);
      }),
    );
  }); // prettier-ignore

  it('a gate at a value is the network whose gate follows a bias alone', () => {
    fc.assert(
      fc.property(anySetting, fc.constantFrom(...GATES), fc.constantFrom(-3, 0, 0.5, 2), ({ spec, steps, seed }, gate, z) => {
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const layer = seed % spec.lstm.layers;
        const unit = seed % spec.lstm.hiddenSize;
        const value = gate === 'g' ? Math.tanh(z) : 1 / (1 + Math.exp(-z));
        const ablation: Ablation[] = [{ layer, part: gate, units: [unit], value }];
        const held = recordSequence(spec, weights, sequence, { ablation, kernels: float64() });
        const wired = recordSequence(spec, withGateAt(spec, weights, layer, gate, unit, z), sequence, { kernels: float64() });
        held.layers.forEach((record, index) => {
          const wiredTo = recordedQuantities(wired.layers[index]);
          for (const [part, values] of Object.entries(recordedQuantities(record))) {
            expect(relativeError(values, wiredTo[part]), part).toBeLessThan(1e-12);
          }
        });
        held.heads.forEach(({ out }, head) => expect(relativeError(out, wired.heads[head].out)).toBeLessThan(1e-12));
      }),
    );
  }); // prettier-ignore

  it('a layer at its mean gives the layers above that mean at every step', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 1), randomSequence(spec, 9, 1)];
    const mean = [0.1, -0.2, 0.3, -0.4];
    const [below, above] = recordSequence(spec, weights, sequence, { ablation: [{ layer: 0, part: 'h', value: mean }] }).layers; // prettier-ignore
    for (let t = 0; t < 9; t++) expectSame('h', below.h.subarray(4 * t, 4 * t + 4), Float32Array.from(mean));
    // With a constant input the second layer's pre-activations change through its own state only.
    const kernel = weights['lstm.1.kernel'];
    const fromBelow = mean.reduce((sum, value, k) => sum + value * kernel[k * 16], weights['lstm.1.bias'][0]);
    expect(above.z.i[0]).toBeCloseTo(fromBelow, 5);
  });

  it('a cell at a value shows in its output, and in no other unit at that step', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 2), randomSequence(spec, 6, 2)];
    const record = (options?: RecordingOptions) => recordSequence(spec, weights, sequence, options).layers[0];
    const [plain, held] = [record(), record({ ablation: [{ layer: 0, part: 'c', units: [2], value: 0.75 }] })];
    for (let t = 0; t < 6; t++) {
      expect(held.c![4 * t + 2]).toBe(0.75);
      expect(held.tanhC![4 * t + 2]).toBeCloseTo(Math.tanh(0.75), 6);
      expect(held.h[4 * t + 2]).toBeCloseTo(held.gates.o[4 * t + 2] * Math.tanh(0.75), 6);
    }
    for (const unit of [0, 1, 3]) expect(held.h[unit]).toBe(plain.h[unit]);
    expect(held.h[4]).not.toBe(plain.h[4]);
  });

  it('several things at once holds them all, the output last', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 3), randomSequence(spec, 5, 3)];
    const ablation: Ablation[] = [
      { layer: 1, part: 'f', value: 1 },
      { layer: 1, part: 'h', units: [0], value: -0.5 },
      { layer: 0, part: 'o', units: [3], value: 0 },
    ];
    const { layers, ablation: kept } = recordSequence(spec, weights, sequence, { ablation });
    expect([...layers[1].gates.f].every((value) => value === 1)).toBe(true);
    for (let t = 0; t < 5; t++) expect([layers[1].h[4 * t], Math.abs(layers[0].h[4 * t + 3])]).toEqual([-0.5, 0]);
    expect(kept).toBe(ablation);
  });

  it('the unit that remembers makes the network forget the bit; any other changes nothing', () => {
    const { spec, parameters, unit } = rememberingNetwork(100);
    const sequence = bitSequence(60, [{ at: 3, bit: 1 }]);
    const probabilityAt50 = (units: number[]) =>
      recordSequence(spec, parameters, sequence, { ablation: [{ layer: 0, part: 'h', units }] }).heads[0].nextProbability![50];
    expect(probabilityAt50([unit])).toBeCloseTo(0.5, 6);
    for (let j = 0; j < spec.lstm.hiddenSize; j++) if (j !== unit) expect(probabilityAt50([j])).toBeGreaterThan(0.99);
  }); // prettier-ignore

  it('refuses what does not exist', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 4), randomSequence(spec, 3, 4)];
    const hold = (ablation: object) => () =>
      recordSequence(spec, weights, sequence, { ablation: [ablation as Ablation] });
    expect(hold({ layer: 2, part: 'h' })).toThrow(/no layer 2; layers are 0 to 1/);
    expect(hold({ layer: 0, part: 'z' })).toThrow(/no part "z" in layers of LSTM; parts are h, c, i, f, g, o/);
    expect(hold({ layer: 0, part: 'h', units: [1, 4] })).toThrow(/no unit 4; units are 0 to 3/);
    expect(hold({ layer: 0, part: 'h', value: [1, 2] })).toThrow(/one value, or 4 for all units of the layer, got 2/);
    expect(hold({ layer: 0, part: 'h', value: NaN })).toThrow(/finite/);
  });
});
