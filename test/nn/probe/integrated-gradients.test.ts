import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CELL_KINDS, integratedGradients, recordSequence } from '../../../src/nn/index.ts';
import { denseAtZero, gaussLegendre } from '../../../src/nn/probe/quadrature.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { smallSpec, tutorialSpec } from '../../support/model-specs.ts';
import { relativeError } from '../../support/tolerances.ts';
import { bitSequence, rememberingNetwork } from '../../support/wired-networks.ts';
import { anySpecOf, taperedSpec } from './any-cell.ts';
import { randomSequence, randomWeights } from './random-models.ts';
import { inputVectors, said, takenIn, textbookRun } from './textbook-run.ts';

const float64 = () => new ReferenceKernels(new HeapArena('float64'));
const sumOf = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

describe('integrated gradients', () => {
  it.each(CELL_KINDS)(
    'add up to what is said less what is said of nothing, for any architecture, window and prediction of %s',
    (cell) => {
      fc.assert(
      fc.property(anySpecOf(cell), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (spec, steps, window, seed) => {
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const kernels = float64();
        const recording = recordSequence(spec, weights, sequence, { kernels });
        const head = seed % spec.heads.length;
        const step = seed % steps;
        const { name, kind } = spec.heads[head];
        const found = integratedGradients(spec, weights, recording, { head: name, step, class: 'likeliest' }, { window, kernels });
        // The ends of the path by a textbook's network, from the recorded state on.
        const start = step + 1 - found.window;
        const vectors = inputVectors(spec, sequence).slice(start, step + 1);
        const before = (values: ArrayLike<number>, H: number) => Array.from(values).slice((start - 1) * H, start * H);
        const state = start === 0 ? recording.initialState
          : { h: recording.layers.map(({ h, size }) => before(h, size)), c: recording.layers.flatMap(({ c, size }) => (c ? [before(c, size)] : [])) };
        const end = (factor: number) =>
          said(kind, textbookRun(spec, weights, vectors.map((v) => v.map((x) => factor * x)), state, undefined, takenIn(recording, start))[found.window - 1][head], found.class);
        expect(found.value).toBeCloseTo(end(1), 9);
        expect(found.baseline).toBeCloseTo(end(0), 9);
        const difference = end(1) - end(0);
        const off = Math.abs(sumOf(found.attributions) - difference);
        const magnitude = found.attributions.reduce((sum, each) => sum + Math.abs(each), 0);
        expect(Math.abs(found.completenessError * Math.max(Math.abs(difference), magnitude / 1000) - off)).toBeLessThan(1e-9);
        // The norm of two or three cells jumps where one passes another: there no rule helps, and the error says so.
        if (cell === 'lstm-norm' && recording.layers.some(({ size }) => size < 4)) expect(found.completenessError < 0.01 || found.points === 510).toBe(true);
        else expect(found.completenessError).toBeLessThan(0.01);
      }),
      { numRuns: 20 },
    ); // prettier-ignore
    },
  );

  it.each(CELL_KINDS)('are the mean gradient along the path, times the input, of %s', (cell) => {
    const spec = taperedSpec(cell);
    const steps = 4;
    const [weights, sequence] = [randomWeights(spec, 8), randomSequence(spec, steps, 8)];
    const kernels = float64();
    const recording = recordSequence(spec, weights, sequence, { kernels });
    const prediction = { head: 'pitch', step: 3, class: 2 };
    const { attributions, window } = integratedGradients(spec, weights, recording, prediction, { kernels });
    const vectors = inputVectors(spec, sequence);
    // The feature `duration` of step 1, by differences at 1000 midpoints that are close together near nothing.
    const place = vectors[0].length - 1;
    const saidAt = (alpha: number, by: number) => {
      const scaled = vectors.map((vector) => vector.map((x) => alpha * x));
      scaled[1][place] += by;
      return said('categorical', textbookRun(spec, weights, scaled, recording.initialState)[3][0], 2);
    };
    let mean = 0;
    for (let k = 0; k < 1000; k++) {
      const s = (k + 0.5) / 1000;
      mean += ((saidAt(s ** 4, 1e-6) - saidAt(s ** 4, -1e-6)) / 2e-6 / 1000) * 4 * s ** 3;
    }
    expect(window).toBe(4);
    expect(attributions[2 * 4 + 3]).toBeCloseTo(mean * vectors[1][place], 5);
  });

  it('are complete within a hundredth in float32, for a model of the tutorial’s size over 64 steps', () => {
    const spec = tutorialSpec();
    const [weights, sequence] = [randomWeights(spec, 9, 0.15), randomSequence(spec, 120, 9)];
    const recording = recordSequence(spec, weights, sequence);
    for (const head of ['pitch', 'step', 'duration']) {
      const told = integratedGradients(spec, weights, recording, { head, step: 110 }, { window: 64 });
      const difference = told.value - told.baseline;
      expect(Math.abs(sumOf(told.attributions) - difference) / Math.abs(difference), head).toBeLessThan(0.01);
    }
  });

  it('take more points where few do not add up, up to the most that are allowed, and say how far off they are', () => {
    // Weights so large that the network jumps on the path.
    const spec = smallSpec({ lstm: { layers: 1, hiddenSize: 6 } });
    const [weights, sequence] = [randomWeights(spec, 2, 12), randomSequence(spec, 12, 2)];
    const kernels = float64();
    const recording = recordSequence(spec, weights, sequence, { kernels });
    const ask = (options: object) =>
      integratedGradients(spec, weights, recording, { head: 'pitch', step: 9 }, { kernels, ...options });
    const few = ask({ maximumPoints: 30, tolerance: 1e-9 });
    const many = ask({ maximumPoints: 510, tolerance: 1e-9 });
    expect([few.points, many.points]).toEqual([30, 510]);
    expect(many.completenessError).toBeLessThan(few.completenessError);
    const off = Math.abs(sumOf(few.attributions) - (few.value - few.baseline));
    expect(off / Math.abs(few.value - few.baseline)).toBeCloseTo(few.completenessError, 6);
  });

  it.each(CELL_KINDS)('are the same with SIMD kernels, of %s', (cell) => {
    const spec = taperedSpec(cell);
    const [weights, sequence] = [randomWeights(spec, 10), randomSequence(spec, 40, 10)];
    const recording = recordSequence(spec, weights, sequence, { kernels: float64() });
    const [exact, fast] = [float64(), createKernels('simd')].map((kernels) =>
      integratedGradients(spec, weights, recording, { head: 'step', step: 30 }, { window: 20, kernels }),
    );
    expect(relativeError(fast.attributions, exact.attributions)).toBeLessThan(1e-4);
  });

  it('give the whole prediction of a remembering network to the note that wrote the bit', () => {
    const { spec, parameters } = rememberingNetwork(100);
    const recording = recordSequence(spec, parameters, bitSequence(90, [{ at: 9, bit: 1 }]));
    const found = integratedGradients(spec, parameters, recording, { head: 'bit', step: 80, class: 1 }, { window: 80 });
    const note = found.attributions[(80 - 9) * 2];
    expect(found.completenessError).toBeLessThan(0.01);
    expect(note / (found.value - found.baseline)).toBeGreaterThan(0.98);
  });

  it('refuse a tolerance of nothing', () => {
    const spec = smallSpec();
    const weights = randomWeights(spec, 1);
    const recording = recordSequence(spec, weights, randomSequence(spec, 3, 1));
    const ask = () => integratedGradients(spec, weights, recording, { head: 'step', step: 1 }, { tolerance: 0 });
    expect(ask).toThrow(/tolerance: expected a number above 0, got 0/);
  });
});

describe('the rule of Gauss and Legendre', () => {
  it.each([1, 2, 3, 30, 62, 510])('of %i points is exact for polynomials of degree 2n - 1', (n) => {
    const { points, weights } = gaussLegendre(n);
    for (const degree of [0, 1, n, 2 * n - 1]) {
      const integral = points.reduce((sum, x, k) => sum + weights[k] * x ** degree, 0);
      expect(Math.abs(integral * (degree + 1) - 1)).toBeLessThan(1e-11);
    }
  });

  it.each([1, 2, 4])('integrates as exactly with its points close together near 0 (power %i)', (power) => {
    const { points, weights } = denseAtZero(gaussLegendre(30), power);
    expect(Math.max(...points)).toBeLessThan(1);
    expect(points.filter((x) => x < 0.01).length).toBeGreaterThan(power === 1 ? 1 : 5);
    for (const degree of [0, 1, 5, 10]) {
      const integral = points.reduce((sum, x, k) => sum + weights[k] * x ** degree, 0);
      expect(Math.abs(integral * (degree + 1) - 1)).toBeLessThan(1e-11);
    }
    // What a normalised input is along the path: a step from 0 to 1 near 0.
    const step = points.reduce((sum, x, k) => sum + (weights[k] * 1e-5) / (x * x + 1e-5) ** 1.5, 0);
    if (power === 4) expect(step).toBeCloseTo(1 / Math.sqrt(1 + 1e-5), 3);
    if (power === 1) expect(Math.abs(step - 1)).toBeGreaterThan(0.01);
  });
});
