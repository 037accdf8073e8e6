import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  CELL_KINDS,
  gradientThroughTime,
  recordSequence,
  saliency,
  songSaliency,
  type ModelSpec,
  type Recording,
} from '../../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { relativeError } from '../../support/tolerances.ts';
import { bitSequence, rememberingNetwork } from '../../support/wired-networks.ts';
import { anySpecOf, taperedSpec } from './any-cell.ts';
import { randomSequence, randomWeights } from './random-models.ts';
import { inputVectors, said, takenIn, textbookRun } from './textbook-run.ts';

const float64 = () => new ReferenceKernels(new HeapArena('float64'));

/** The state before step `start` of a recording. */
function stateBefore({ layers, initialState }: Recording, start: number) {
  if (start === 0) return initialState;
  const at = (values: ArrayLike<number>, H: number) => Array.from(values).slice((start - 1) * H, start * H);
  return { h: layers.map(({ h, size }) => at(h, size)), c: layers.flatMap(({ c, size }) => (c ? [at(c, size)] : [])) };
}

/** Input times numeric difference: the window run from its recorded state with one input at a time scaled. */
function numericSaliency(
  spec: ModelSpec,
  weights: ReturnType<typeof randomWeights>,
  recording: Recording,
  head: number,
  step: number,
  chosen: number,
  window: number,
) {
  const start = Math.max(0, step + 1 - window);
  const vectors = inputVectors(spec, recording.sequence).slice(start, step + 1);
  const state = stateBefore(recording, start);
  // Each input is a group of places in the vector: all of a one-hot part, or one feature.
  let place = 0;
  const groups = [...spec.inputs.categories.map(({ size }) => size), ...spec.inputs.features.map(() => 1)].map((size) => [place, (place += size)]); // prettier-ignore
  const result: number[] = [];
  for (let lag = 0; lag < vectors.length; lag++) {
    for (const [from, to] of groups) {
      const scaled = (by: number) => {
        const nudged = vectors.map((vector) => [...vector]);
        const row = nudged[vectors.length - 1 - lag];
        for (let k = from; k < to; k++) row[k] *= 1 + by;
        return said(spec.heads[head].kind, textbookRun(spec, weights, nudged, state, undefined, takenIn(recording, start))[vectors.length - 1][head], chosen); // prettier-ignore
      };
      // Small: a relu has a kink.
      const h = 1e-5;
      result.push((8 * (scaled(h) - scaled(-h)) - (scaled(2 * h) - scaled(-2 * h))) / (12 * h));
    }
  }
  return result;
}

describe('saliency', () => {
  it.each(CELL_KINDS)(
    'is input times numeric difference, for every past note and input, whatever the window, of %s',
    (cell) => {
      fc.assert(
      fc.property(anySpecOf(cell), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (spec, steps, window, seed) => {
        const [weights, sequence] = [randomWeights(spec, seed), randomSequence(spec, steps, seed)];
        const recording = recordSequence(spec, weights, sequence, { kernels: float64() });
        const head = seed % spec.heads.length;
        const step = seed % steps;
        const { kind, size } = recording.heads[head];
        const chosen = kind === 'scalar' ? 0 : seed % size;
        const prediction = { head: spec.heads[head].name, step, class: chosen };
        const found = saliency(spec, weights, recording, prediction, { window, kernels: float64() });
        expect(found.window).toBe(Math.min(window, step + 1));
        const numeric = numericSaliency(spec, weights, recording, head, step, chosen, window);
        expect(found.attributions.length).toBe(numeric.length);
        numeric.forEach((value, at) => expect(Math.abs(found.attributions[at] - value)).toBeLessThan(1e-8));
      }),
      { numRuns: 20 },
    ); // prettier-ignore
    },
  );

  it.each(CELL_KINDS)(
    'of a song is that of each prediction by itself, across blocks and at the beginning, of %s',
    (cell) => {
      const spec = taperedSpec(cell);
      const [weights, sequence] = [randomWeights(spec, 1), randomSequence(spec, 300, 1)];
      const recording = recordSequence(spec, weights, sequence, { kernels: float64() });
      const window = 7;
      const song = songSaliency(spec, weights, recording, { window, kernels: float64() });
      expect(song.inputs).toEqual(['pitch', 'bar', 'step', 'duration']);
      for (const { name, attributions, values, classes } of song.heads) {
        for (const step of [0, 1, 5, 6, 7, 255, 256, 257, 261, 298]) {
          const alone = saliency(spec, weights, recording, { head: name, step }, { window, kernels: float64() });
          const row = attributions.subarray(step * window * 4, (step + 1) * window * 4);
          expect(relativeError(row.subarray(0, alone.attributions.length), alone.attributions)).toBeLessThan(1e-6);
          expect(row.subarray(alone.attributions.length).every((value) => value === 0)).toBe(true);
          expect([values[step], classes[step]]).toEqual([alone.value, alone.class]);
        }
      }
    },
  );

  it('of a song has zeros where what came next is not known, unless the likeliest is asked for', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 2), randomSequence(spec, 5, 2)];
    const recording = recordSequence(spec, weights, sequence);
    const [pitch, step] = songSaliency(spec, weights, recording, { window: 3 }).heads;
    const last = ({ attributions }: typeof pitch) => attributions.subarray(4 * 3 * 4);
    expect(pitch.classes[4]).toBe(-1);
    expect(pitch.values[4]).toBeNaN();
    expect(last(pitch).every((value) => value === 0)).toBe(true);
    expect(last(step).some((value) => value !== 0)).toBe(true);
    const likeliest = songSaliency(spec, weights, recording, { window: 3, class: 'likeliest', heads: ['pitch'] });
    expect(last(likeliest.heads[0]).some((value) => value !== 0)).toBe(true);
    expect(likeliest.heads).toHaveLength(1);
  });

  it('of some steps is that part of the song’s', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 3), randomSequence(spec, 20, 3)];
    const recording = recordSequence(spec, weights, sequence);
    const [kernels, window] = [float64(), 5];
    const all = songSaliency(spec, weights, recording, { window, kernels });
    const part = songSaliency(spec, weights, recording, { window, steps: [3, 12], kernels: float64() });
    expect([part.first, part.steps]).toEqual([3, 9]);
    const width = window * 4;
    expect([...part.heads[0].attributions]).toEqual([...all.heads[0].attributions.subarray(3 * width, 12 * width)]);
  });

  it.each(CELL_KINDS)('gives the mean norms of gradients by lag, of %s', (cell) => {
    const spec = taperedSpec(cell);
    const [weights, sequence] = [randomWeights(spec, 4), randomSequence(spec, 6, 4)];
    const recording = recordSequence(spec, weights, sequence, { kernels: float64() });
    const [{ gradient }] = songSaliency(spec, weights, recording, { window: 4, kernels: float64() }).heads;
    for (let lag = 0; lag < 4; lag++) {
      // Of the six predictions the last is not judged; `lag` of them do not reach back so far.
      const steps = [0, 1, 2, 3, 4].filter((step) => step >= lag);
      const alone = steps.map((step) =>
        gradientThroughTime(spec, weights, recording, { head: 'pitch', step }, { kernels: float64() }),
      );
      gradient.forEach(({ dh, dc }, layer) => {
        const mean = (part: 'dh' | 'dc') =>
          alone.reduce((sum, { layers }, k) => sum + layers[layer][part]![steps[k] - lag], 0) / steps.length;
        expect(dh[lag]).toBeCloseTo(mean('dh'), 10);
        if (dc) expect(dc[lag]).toBeCloseTo(mean('dc'), 10);
      });
    }
  });

  it('is the same with SIMD kernels', () => {
    const spec = smallSpec({ lstm: { hiddenSize: 17 } });
    const [weights, sequence] = [randomWeights(spec, 5, 0.5), randomSequence(spec, 300, 5)];
    const recording = recordSequence(spec, weights, sequence, { kernels: float64() });
    const [exact, fast] = [float64(), createKernels('simd')].map((kernels) =>
      songSaliency(spec, weights, recording, { window: 9, kernels }),
    );
    fast.heads.forEach(({ attributions }, head) => {
      expect(relativeError(attributions, exact.heads[head].attributions)).toBeLessThan(1e-5);
    });
  });

  it('finds the note that a remembering network remembers, unless its gates are so sure that no gradient passes', () => {
    const { spec, parameters, unit } = rememberingNetwork(100);
    const sequence = bitSequence(90, [{ at: 9, bit: 1 }]);
    const strongest = (weights: typeof parameters) => {
      const recording = recordSequence(spec, weights, sequence);
      // A prediction that is sure of itself has no gradient; the class that was not taken has.
      const prediction = { head: 'bit', step: 80, class: 0 };
      const { attributions, inputs, window } = saliency(spec, weights, recording, prediction, { window: 80 });
      const total = Array.from({ length: window }, (_, lag) =>
        attributions.subarray(lag * inputs.length, (lag + 1) * inputs.length).reduce((a, b) => a + Math.abs(b), 0),
      );
      return { lag: total.indexOf(Math.max(...total)), most: Math.max(...total) };
    };
    // Integrated gradients see through this; see their test.
    expect(strongest(parameters).most).toBe(0);
    const softer = { ...parameters, 'lstm.0.kernel': parameters['lstm.0.kernel'].slice() };
    const [H, row] = [spec.lstm.hiddenSize, 2 * 4 * spec.lstm.hiddenSize];
    softer['lstm.0.kernel'][row + unit] = 21; // the input gate opens to σ(1)
    softer['lstm.0.kernel'][row + 2 * H + unit] = 1; // and lets tanh(1) in
    expect(strongest(softer).lag).toBe(80 - 9);
  });

  it('refuses what makes no sense', () => {
    const spec = smallSpec();
    const [weights, sequence] = [randomWeights(spec, 6), randomSequence(spec, 5, 6)];
    const recording = recordSequence(spec, weights, sequence);
    expect(() => songSaliency(spec, weights, recording, { window: 0 })).toThrow(/whole number of steps above 0, got 0/);
    expect(() => songSaliency(spec, weights, recording, { heads: ['x'] })).toThrow(/no head "x"/);
    expect(() => songSaliency(spec, weights, recording, { steps: [2, 2] })).toThrow(/at least one, got 2 to 2/);
    expect(() => saliency(spec, weights, recording, { head: 'step', step: 5 })).toThrow(/steps are 0 to 4/);
  });
});
