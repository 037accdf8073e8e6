import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  gradientThroughTime,
  integratedGradients,
  recordedQuantities,
  recordSequence,
  saliency,
  songSaliency,
  type LayerRecording,
  type Prediction,
} from '../../../src/nn/index.ts';
import { createKernels, HeapArena, ReferenceKernels, type Kernels } from '../../../src/tensor/index.ts';
import { regenerate, wholeOf, type Golden } from '../../golden/fixtures.ts';
import { relativeError } from '../../support/tolerances.ts';

type Whole = Parameters<typeof wholeOf>[0];

/** What make_probe_fixture.py wrote. */
type ProbeGolden = Omit<Golden, 'gradients' | 'losses' | 'outputs'> & {
  scale: number;
  /** z holds all four gates side by side, [steps, 4H]. */
  layers: Record<'z' | 'i' | 'f' | 'g' | 'o' | 'c' | 'tanhC' | 'h', Whole>[];
  outputs: Record<string, Whole>;
  loss: number;
  gradient: { dh: Whole; dc: Whole }[];
  prediction: Prediction & { value: number; baseline: number; saliency: Whole; integrated: Whole };
};

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/probes.json'), 'utf8')) as ProbeGolden;
const { spec, steps, scale } = golden;

const implementations: [name: string, create: () => Kernels, tolerance: number][] = [
  ['reference, float64', () => new ReferenceKernels(new HeapArena('float64')), 1e-12],
  ['reference, float32', () => createKernels('reference'), 1e-5],
  ['simd, float32', () => createKernels('simd'), 1e-5],
];

/** The weights and the sequence; a batch's targets are what came next, a sequence's what stood there. */
function prepare() {
  const { parameters, batch } = regenerate(golden as unknown as Golden);
  for (const values of Object.values(parameters)) values.forEach((value, at) => (values[at] = scale * value));
  const targets = Object.fromEntries(
    Object.entries(batch.targets!).map(([name, next]) => [name, [0, ...Array.from(next).slice(0, steps - 1)]]),
  );
  return { parameters, sequence: { length: steps, categories: batch.categories, features: batch.features, targets } };
}

/** Row by row the numbers of all gates, as PyTorch has them. */
function gatesSideBySide({ z, size }: LayerRecording): number[] {
  return Array.from({ length: steps }, (_, t) =>
    (['i', 'f', 'g', 'o'] as const).flatMap((gate) => Array.from(z[gate].subarray(t * size, (t + 1) * size))),
  ).flat();
}

describe.each(implementations)('with %s kernels PyTorch agrees', (_, create, tolerance) => {
  const { parameters, sequence } = prepare();
  let recording: ReturnType<typeof recordSequence>;
  beforeAll(() => {
    recording = recordSequence(spec, parameters, sequence, { kernels: create() });
  });

  /** No number is off by more than the tolerance; those below 1 absolutely, as they come. */
  const expectNear = (what: string, actual: ArrayLike<number>, stored: Whole): void => {
    const expected = wholeOf(stored);
    expect(actual.length, what).toBe(expected.length);
    expected.forEach((value, at) => {
      expect(Math.abs(actual[at] - value) / Math.max(1, Math.abs(value)), `${what} ${at}`).toBeLessThan(tolerance);
    });
  };

  it('on every pre-activation, gate, cell and output of both layers at every step', () => {
    recording.layers.forEach((layer, index) => {
      expectNear(`z of layer ${index}`, gatesSideBySide(layer), golden.layers[index].z);
      for (const [part, values] of Object.entries(recordedQuantities(layer))) {
        expectNear(`${part} of layer ${index}`, values, golden.layers[index][part as 'h']);
      }
    });
  });

  it('on what the heads say', () => {
    for (const { name, out } of recording.heads) expectNear(name, out, golden.outputs[name]);
  });

  it('on dL/dh and dL/dc of every unit at every step', () => {
    const options = { kernels: create(), units: true };
    const { value, layers } = gradientThroughTime(spec, parameters, recording, { loss: 'all' }, options);
    expect(Math.abs(value / golden.loss - 1)).toBeLessThan(tolerance);
    layers.forEach(({ units }, index) => {
      expectNear(`dh of layer ${index}`, units!.dh, golden.gradient[index].dh);
      expectNear(`dc of layer ${index}`, units!.dc!, golden.gradient[index].dc);
    });
  });

  it('on the saliency of every note and input', () => {
    const { prediction } = golden;
    const found = saliency(spec, parameters, recording, prediction, { kernels: create() });
    expect(Math.abs(found.value - prediction.value)).toBeLessThan(tolerance);
    expect(relativeError(latestLast(found), seen(prediction.saliency))).toBeLessThan(2 * tolerance);
    const song = songSaliency(spec, parameters, recording, { kernels: create() });
    expect(song.heads[0].classes[prediction.step]).toBe(prediction.class);
  });

  it('on integrated gradients, to what its two thousand midpoints leave', () => {
    const { prediction } = golden;
    const found = integratedGradients(spec, parameters, recording, prediction, { kernels: create() });
    expect(Math.abs(found.baseline - prediction.baseline)).toBeLessThan(tolerance);
    expect(relativeError(latestLast(found), seen(prediction.integrated))).toBeLessThan(1e-4);
    expect(found.completenessError).toBeLessThan(0.01);
  });
});

/** Attributions in the order of steps instead of lags. */
function latestLast({ attributions, inputs, window }: ReturnType<typeof saliency>): number[] {
  return Array.from({ length: window }, (_, t) => {
    const at = (window - 1 - t) * inputs.length;
    return Array.from(attributions.subarray(at, at + inputs.length));
  }).flat();
}

/** The steps up to the prediction: those behind it have no part in it. */
function seen(stored: Whole): Float64Array {
  const all = wholeOf(stored);
  const end = (golden.prediction.step + 1) * 4;
  expect([...all.subarray(end)].every((value) => value === 0)).toBe(true);
  return all.subarray(0, end);
}
