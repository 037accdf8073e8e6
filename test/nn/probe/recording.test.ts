import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  CELL_KINDS,
  CELLS,
  gatesOf,
  headSize,
  InputError,
  Network,
  ParameterSet,
  recordedQuantities,
  recordSequence,
  quantitiesOf,
  Stepper,
  type NetworkState,
} from '../../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels, type Kernels } from '../../../src/tensor/index.ts';
import { anySpecOf, taperedSpec } from './any-cell.ts';
import { textbookStep } from './textbook-cells.ts';
import { inputVectors } from './textbook-run.ts';
import { anySpec, smallSpec } from '../../support/model-specs.ts';
import { naiveForward } from '../../support/naive-lstm.ts';
import { relativeError } from '../../support/tolerances.ts';
import { randomSequence, randomWeights } from './random-models.ts';

const backends: [string, () => Kernels][] = [
  ['reference', () => createKernels('reference')],
  ['simd', () => createKernels('simd')],
];
const float64 = () => new ReferenceKernels(new HeapArena('float64'));

describe.each(backends)('a recording with %s kernels', (_, create) => {
  it.each(CELL_KINDS)('holds what the stateful step says, bit for bit, for any architecture of %s', (cell) => {
    fc.assert(
      fc.property(anySpecOf(cell), fc.integer({ min: 1, max: 20 }), fc.nat(), (spec, steps, seed) => {
        const weights = randomWeights(spec, seed);
        const sequence = randomSequence(spec, steps, seed);
        const recording = recordSequence(spec, weights, sequence, { kernels: create() });
        const stepper = new Stepper(spec, weights, create());
        const F = spec.inputs.features.length;
        for (let t = 0; t < steps; t++) {
          const classes = sequence.categories.map((values) => values[t]);
          stepper.step(classes, Array.from(sequence.features).slice(t * F, (t + 1) * F));
          recording.heads.forEach(({ out, size, taken }, head) => {
            expect([...out.subarray(t * size, (t + 1) * size)]).toEqual([...stepper.output(head)]);
            if (taken) stepper.choose(head, taken[t]);
          });
        }
      }),
    );
  });

  it.each(CELL_KINDS)(
    'holds the states of a network of %s laid out for the whole sequence, and the losses of training',
    (cell) => {
      const spec = taperedSpec(cell);
      const [steps, seed] = [13, 5];
      const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps + 1, seed)];
      const { layers, heads } = recordSequence(spec, weights, sequence, { kernels: create() });
      const kernels = create();
      const parameters = new ParameterSet(kernels.arena, spec);
      parameters.fromArrays(weights);
      const network = new Network(kernels, spec, { batchSize: 1, steps }, parameters);
      const F = spec.inputs.features.length;
      const from = (values: ArrayLike<number>, start: number, count: number) => Array.from(values).slice(start, start + count); // prettier-ignore
      network.load({
        size: 1,
        steps,
        categories: sequence.categories.map((values) => from(values, 0, steps)),
        features: from(sequence.features, 0, steps * F),
        targets: Object.fromEntries(spec.heads.map(({ name }) => [name, from(sequence.targets[name], 1, steps)])),
      });
      network.forward();
      network.layers.forEach(({ states: [h, c], gates }, index) => {
        const record = layers[index];
        const H = record.size;
        for (let t = 0; t < steps; t++) {
          const row = (values: ArrayLike<number>) => from(values, t * H, H);
          if (record.c) expect(relativeError(row(record.c), [...c.row(t + 1).data])).toBeLessThan(2e-6);
          expect(relativeError(row(record.h), [...h.row(t + 1).data])).toBeLessThan(2e-6);
          const all = Object.values(cell === 'rnn' ? record.z : record.gates).flatMap(row);
          expect(relativeError(all, [...gates.row(t).data])).toBeLessThan(2e-6);
        }
      });
      const losses = network.losses();
      heads.forEach(({ nextLoss }, head) => {
        const mean = [...nextLoss.subarray(0, steps)].reduce((sum, loss) => sum + loss, 0) / steps;
        expect(mean).toBeCloseTo(losses[head], 5);
        expect(nextLoss[steps]).toBeNaN();
      });
    },
  );
});

describe('a recording', () => {
  it('agrees with a textbook LSTM', () => {
    fc.assert(
      fc.property(anySpec, fc.integer({ min: 1, max: 9 }), fc.nat(), (spec, steps, seed) => {
        const weights = randomWeights(spec, seed);
        const sequence = randomSequence(spec, steps, seed);
        const kernels = float64();
        const parameters = new ParameterSet(kernels.arena, spec);
        parameters.fromArrays(weights);
        const { heads } = recordSequence(spec, weights, sequence, { kernels });
        const targets = Object.fromEntries(heads.map(({ name, taken }) => [name, taken ?? new Float64Array(steps)]));
        const batch = { size: 1, steps, ...sequence, targets };
        const outputs = naiveForward({ ...spec, lossOn: 'all' }, parameters, batch, 0);
        heads.forEach(({ out }, head) => {
          const expected = outputs.flatMap((step) => step[head]);
          expect(relativeError(out, expected)).toBeLessThan(1e-11);
        });
      }),
    );
  });

  it.each(CELL_KINDS)('holds every pre-activation, gate and state that the formulas of %s give', (cell) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(), (steps, seed) => {
        const spec = taperedSpec(cell);
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const { layers } = recordSequence(spec, weights, sequence, { kernels: float64() });
        const vectors = inputVectors(spec, sequence);
        layers.forEach((record, index) => {
          const H = record.size;
          expect(record.cell).toBe(cell);
          expect(Object.keys(recordedQuantities(record))).toEqual(quantitiesOf(cell));
          expect(Object.keys(record.gates)).toEqual(gatesOf(cell));
          const row = (values: ArrayLike<number>, size: number, t: number): number[] =>
            Array.from({ length: size }, (_, j) => (t < 0 ? 0 : values[t * size + j]));
          for (let t = 0; t < steps; t++) {
            const x = index === 0 ? vectors[t] : row(layers[index - 1].h, layers[index - 1].size, t);
            const before = { hPrev: row(record.h, H, t - 1), cPrev: row(record.c ?? [], H, record.c ? t - 1 : -1) };
            const of = (part: string) => weights[`${CELLS[cell].prefix}.${index}.${part}`];
            const { z, gates, ...states } = textbookStep(cell, of, { x, ...before });
            const expected = { ...gates, ...states };
            for (const [name, values] of Object.entries(recordedQuantities(record))) {
              expect(relativeError(row(values, H, t), expected[name as 'h']), name).toBeLessThan(1e-12);
            }
            expect(Object.keys(record.z)).toEqual(Object.keys(z));
            for (const [name, values] of Object.entries(record.z)) {
              expect(relativeError(row(values, H, t), z[name]), `z of ${name}`).toBeLessThan(1e-12);
            }
          }
        });
      }),
      { numRuns: 20 },
    );
  });

  it('of a range goes on from where the steps before it ended, and says so', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 1), randomSequence(spec, 12, 1)];
    const whole = recordSequence(spec, weights, sequence);
    const part = recordSequence(spec, weights, sequence, { range: [4, 9] });
    const H = spec.lstm.hiddenSize;
    expect([part.first, part.steps, part.sequence.length]).toEqual([4, 5, 5]);
    expect([...part.layers[1].z.f]).toEqual([...whole.layers[1].z.f.subarray(4 * H, 9 * H)]);
    expect([...part.heads[0].nextLoss]).toEqual([...whole.heads[0].nextLoss.subarray(4, 9)]);
    expect([...part.initialState.c![1]]).toEqual([...whole.layers[1].c!.subarray(3 * H, 4 * H)]);
    expect([...part.finalState.h[0]]).toEqual([...whole.layers[0].h.subarray(8 * H, 9 * H)]);
    expect(Array.from(part.sequence.targets!.pitch)).toEqual(Array.from(sequence.targets.pitch).slice(4, 10));
  });

  it('started in a state goes on as the run that left it', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 2), randomSequence(spec, 10, 2)];
    const whole = recordSequence(spec, weights, sequence);
    const { finalState } = recordSequence(spec, weights, sequence, { range: [0, 6] });
    const F = spec.inputs.features.length;
    const rest = {
      length: 4,
      categories: sequence.categories.map((values) => Array.from(values).slice(6)),
      features: Array.from(sequence.features).slice(6 * F),
    };
    const { heads } = recordSequence(spec, weights, rest, { initialState: finalState });
    expect([...heads[0].out]).toEqual([...whole.heads[0].out.subarray(6 * headSize(spec.heads[0]))]);
    expect(heads.every(({ nextLoss }) => [...nextLoss].every(Number.isNaN))).toBe(true);
  });

  it('gives each class its probability, and what came next its own', () => {
    const spec = smallSpec();
    const sequence = randomSequence(spec, 8, 3);
    const { heads } = recordSequence(spec, randomWeights(spec, 3), sequence);
    const [{ probabilities, nextProbability, nextLoss, size }] = heads;
    for (let t = 0; t < 7; t++) {
      const row = probabilities!.subarray(t * size, (t + 1) * size);
      expect([...row].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      expect(nextProbability![t]).toBe(row[sequence.targets.pitch[t + 1]]);
      expect(-Math.log(nextProbability![t])).toBeCloseTo(nextLoss[t], 5);
    }
    expect(heads[1].probabilities).toBeUndefined();
  });

  it.each(CELL_KINDS)('of %s is refused just where its arrays would take more than they may', (cell) => {
    const spec = taperedSpec(cell);
    const [weights, sequence] = [randomWeights(spec, 4), randomSequence(spec, 6, 4)];
    const record = (maximumBytes: number) => recordSequence(spec, weights, sequence, { maximumBytes });
    const { layers, heads } = record(1e6);
    const ofLayers = layers
      .flatMap((layer) => [...Object.values(layer.z), ...Object.values(recordedQuantities(layer))])
      .reduce((sum, { byteLength }) => sum + byteLength, 0);
    // Numbers and probabilities of each head, and two more a step.
    const bytes = ofLayers + heads.reduce((sum, { size }) => sum + 4 * 6 * (2 * size + 2), 0);
    expect(record(bytes).steps).toBe(6);
    expect(() => record(bytes - 1)).toThrow(/record a range of at most 5 steps/);
  });

  it('refuses what it cannot run', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 4), randomSequence(spec, 6, 4)];
    const record =
      (overrides: object, options: object = {}) =>
      () =>
        recordSequence(spec, weights, { ...sequence, ...overrides }, options);
    expect(record({ features: [1] })).toThrow(/the input "step" should be 12 numbers, got 1/);
    expect(record({ categories: [] })).toThrow(/expected 2 categories, got 0/);
    expect(record({ targets: {} })).toThrow(/the target "pitch" should be 6 numbers, got none/);
    expect(record({ categories: [[9, 0, 0, 0, 0, 0], sequence.categories[1]] })).toThrow(InputError);
    expect(record({}, { range: [3, 3] })).toThrow(/at least one, got 3 to 3/);
    expect(record({}, { range: [0, 7] })).toThrow(/from 0 up to 6/);
    expect(record({}, { maximumBytes: 1000 })).toThrow(/record a range of at most \d+ steps/);
    const state: NetworkState = { h: [new Float32Array(3)], c: [new Float32Array(3)] };
    expect(record({}, { initialState: state })).toThrow(/initial state of layer 0 should be 4 numbers/);
  });
});
