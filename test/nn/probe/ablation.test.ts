import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  CELL_KINDS,
  CELLS,
  gatesOf,
  layerWidth,
  opens,
  recordedQuantities,
  recordSequence,
  type Ablation,
  type CellKind,
  type Gate,
  type ModelSpec,
  type NamedArrays,
  type RecordingOptions,
} from '../../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { gatesIn } from '../../../src/nn/cells/kinds.ts';
import { cellOf } from '../../../src/nn/spec.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { expectSame, relativeError } from '../../support/tolerances.ts';
import { bitSequence, rememberingNetwork } from '../../support/wired-networks.ts';
import { anySpecOf, taperedSpec } from './any-cell.ts';
import { randomSequence, randomWeights } from './random-models.ts';
import { textbookStep } from './textbook-cells.ts';
import { inputVectors } from './textbook-run.ts';

const float64 = () => new ReferenceKernels(new HeapArena('float64'));

const copied = (weights: NamedArrays): NamedArrays =>
  Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.slice()]));

/** Copies of weights in which the rows that read some units of a layer are zero. */
function withoutReading(spec: ModelSpec, weights: NamedArrays, layer: number, units: number[]): NamedArrays {
  const copies = copied(weights);
  const H = layerWidth(spec, layer);
  const { prefix } = CELLS[cellOf(spec)];
  const readers = [
    `${prefix}.${layer}.recurrent_kernel`,
    ...(prefix === 'gru' ? [`gru.${layer}.candidate_kernel`] : []),
    ...(layer + 1 < spec.lstm.layers ? [`${prefix}.${layer + 1}.kernel`] : spec.heads.flatMap(({ name, hidden }) => [`heads.${name}.kernel`, ...(hidden === undefined ? [] : [`heads.${name}.hidden.kernel`])])),
  ]; // prettier-ignore
  for (const name of readers) {
    const width = copies[name].length / H;
    for (const unit of units) copies[name].fill(0, unit * width, (unit + 1) * width);
  }
  return copies;
}

/** Copies of weights in which a gate of a unit follows its bias alone. */
function withGateAt(spec: ModelSpec, weights: NamedArrays, layer: number, gate: Gate, unit: number, z: number): NamedArrays {
  const copies = copied(weights);
  const H = layerWidth(spec, layer);
  const { prefix } = CELLS[cellOf(spec)];
  for (const [name, values] of Object.entries(copies)) {
    const gates = name.startsWith(`${prefix}.${layer}.`) ? gatesIn(name) : undefined;
    // What is normalised is one row of all gates: there the gains are what a gate follows.
    if (!gates?.includes(gate) || (cellOf(spec) === 'lstm-norm' && name.endsWith('kernel'))) continue;
    for (let at = gates.indexOf(gate) * H + unit; at < values.length; at += gates.length * H) values[at] = name.endsWith('.bias') ? z : 0;
  }
  return copies;
} // prettier-ignore

const anySetting = (cell: CellKind) =>
  fc.record({ spec: anySpecOf(cell), steps: fc.integer({ min: 1, max: 8 }), seed: fc.nat() });

describe('holding', () => {
  it.each(CELL_KINDS.flatMap((cell) => ['reference', 'simd'].map((backend) => [cell, backend] as const)))('units of %s at zero is the network without the weights that read them, bit for bit (%s)', (cell, backend) => {
    fc.assert(
      fc.property(anySetting(cell), ({ spec, steps, seed }) => {
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const layer = seed % spec.lstm.layers;
        const H = layerWidth(spec, layer);
        const units = Array.from({ length: H }, (_, j) => j).filter((j) => (seed >> j) % 2 === 1 || j === seed % H);
        const ablation: Ablation[] = [{ layer, part: 'h', units }];
        const held = recordSequence(spec, weights, sequence, { ablation, kernels: createKernels(backend) });
        const cut = recordSequence(spec, withoutReading(spec, weights, layer, units), sequence, { kernels: createKernels(backend) });
        held.heads.forEach(({ out, nextLoss }, head) => {
          expectSame('out', out, cut.heads[head].out);
          expect([...nextLoss]).toEqual([...cut.heads[head].nextLoss]);
        });
        // Its own cell goes on as it would: only nobody hears of it.
        if (held.layers[layer].c) expectSame('c', held.layers[layer].c, cut.layers[layer].c!);
        for (const unit of units) for (let t = 0; t < steps; t++) expect(held.layers[layer].h[t * H + unit]).toBe(0);
      }),
    );
  }); // prettier-ignore

  it.each(CELL_KINDS.filter((cell) => gatesOf(cell).length > 0))('a gate of %s at a value is the network whose gate follows a bias alone', (cell) => {
    fc.assert(
      fc.property(anySetting(cell), fc.constantFrom(...gatesOf(cell)), fc.constantFrom(-3, 0, 0.5, 2), ({ spec, steps, seed }, gate, z) => {
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const layer = seed % spec.lstm.layers;
        const unit = seed % layerWidth(spec, layer);
        const value = !opens(gate) ? Math.tanh(z) : 1 / (1 + Math.exp(-z));
        const ablation: Ablation[] = [{ layer, part: gate, units: [unit], value }];
        const held = recordSequence(spec, weights, sequence, { ablation, kernels: float64() });
        const wired = recordSequence(spec, withGateAt(spec, weights, layer, gate, unit, z), sequence, { kernels: float64() });
        held.layers.forEach((record, index) => {
          const wiredTo = recordedQuantities(wired.layers[index]);
          for (const [part, values] of Object.entries(recordedQuantities(record))) {
            expect(relativeError(values, wiredTo[part]), part).toBeLessThan(1e-11);
          }
        });
        held.heads.forEach(({ out }, head) => expect(relativeError(out, wired.heads[head].out)).toBeLessThan(1e-11));
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

  it.each(CELL_KINDS.filter((cell) => CELLS[cell].states.includes('c')))('cells and gates of %s leaves what its formulas give with them', (cell) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), fc.constantFrom('i', 'f', 'g', 'c'), (steps, seed, part) => {
        const spec = taperedSpec(cell);
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const ablation: Ablation[] = [{ layer: 0, part: part as 'c', units: [1, 4], value: 0.75 }, { layer: 0, part: 'h', units: [0], value: 0.25 }];
        const { layers: [record] } = recordSequence(spec, weights, sequence, { ablation, kernels: float64() });
        const vectors = inputVectors(spec, sequence);
        const H = record.size;
        const row = (values: ArrayLike<number>, t: number): number[] => Array.from({ length: H }, (_, j) => (t < 0 ? 0 : values[t * H + j]));
        for (let t = 0; t < steps; t++) {
          const [hPrev, cPrev] = [row(record.h, t - 1), row(record.c!, t - 1)];
          const { i, f, g } = Object.fromEntries(['i', 'f', 'g'].map((gate) => [gate, row(record.gates[gate], t)]));
          // What follows from the gates as they are recorded, held ones included.
          const follows = (c: number[]): number[] => c.map((_, j) => (part === 'c' && [1, 4].includes(j) ? 0.75 : f[j] * cPrev[j] + i[j] * g[j]));
          const expected = textbookStep(cell, (name) => weights[`lstm.0.${name}`], { x: vectors[t], hPrev, cPrev }, follows);
          expected.h[0] = 0.25;
          expect(relativeError(row(record.c!, t), expected.c!)).toBeLessThan(1e-12);
          expect(relativeError(row(record.gates.o, t), expected.gates.o)).toBeLessThan(1e-12);
          expect(relativeError(row(record.tanhC!, t), expected.tanhC!)).toBeLessThan(1e-12);
          expect(relativeError(row(record.h, t), expected.h)).toBeLessThan(1e-12);
          if (part !== 'c') for (const j of [1, 4]) expect(record.gates[part][t * H + j]).toBe(0.75);
        }
      }),
      { numRuns: 40 },
    );
  }); // prettier-ignore

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
    const parts = { rnn: 'h', gru: 'h, r, z, n', 'gru-before': 'h, r, z, n' };
    for (const [cell, list] of Object.entries(parts)) {
      const other = taperedSpec(cell as CellKind);
      const ablation: Ablation[] = [{ layer: 0, part: 'c' }];
      const asked = () => recordSequence(other, randomWeights(other, 1), randomSequence(other, 3, 1), { ablation });
      expect(asked).toThrow(`no part "c" in layers of ${CELLS[cell as CellKind].title}; parts are ${list}.`);
    }
    expect(hold({ layer: 0, part: 'h', units: [1, 4] })).toThrow(/no unit 4; units are 0 to 3/);
    expect(hold({ layer: 0, part: 'h', value: [1, 2] })).toThrow(/one value, or 4 for all units of the layer, got 2/);
    expect(hold({ layer: 0, part: 'h', value: NaN })).toThrow(/finite/);
  });
});
