import { describe, expect, it } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import {
  CELL_KINDS,
  checkGradients,
  createEngine,
  ADAM_DEFAULTS,
  decodeCheckpoint,
  encodeCheckpoint,
  estimateMemory,
  layerWidth,
  parameterCount,
  parameterSpecs,
  randomBatch,
  Stepper,
  summarise,
  validateSpec,
  WindowRunner,
  type ModelSpec,
} from '../../../src/nn/index.ts';
import { unknownToGpu } from '../../../src/nn/gpu/knowledge.ts';
import { Random } from '../../../src/tensor/index.ts';
import { chainedSpec, smallSpec } from '../../support/model-specs.ts';
import { relativeError } from '../../support/tolerances.ts';

/** A small model whose layers have 6, 3 and 4 units. */
const WIDTHS = [6, 3, 4];
const tapered = (spec: ModelSpec = smallSpec()): ModelSpec => {
  return { ...spec, lstm: { ...spec.lstm, layers: 3, hiddenSize: 4, widths: WIDTHS } };
};

async function engineFor(spec: ModelSpec, backend: string, threads: number) {
  const random = { init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') };
  return createEngine(spec, { backend, threads, optimizer: ADAM_DEFAULTS, batchSize: 4, steps: 5, ...random });
}

describe('layers of different widths', () => {
  it('have parameters of their own widths, which the summary shows', () => {
    const spec = tapered();
    expect(WIDTHS.map((_, layer) => layerWidth(spec, layer))).toEqual(WIDTHS);
    const shapes = Object.fromEntries(parameterSpecs(spec).map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({
      'lstm.0.kernel': [10, 24],
      'lstm.0.recurrent_kernel': [6, 24],
      'lstm.1.kernel': [6, 12],
      'lstm.2.kernel': [3, 16],
      'heads.pitch.kernel': [4, 5],
    });
    const rows = summarise(spec);
    expect(rows.flatMap(({ type, outputShape }) => (type === 'LSTM' ? [outputShape.at(-1)] : []))).toEqual(WIDTHS);
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(parameterCount(spec));
  });

  it.each(CELL_KINDS)('of the cell %s have the gradients that differences give, with dropout and embeddings', (cell) => {
    for (const base of [smallSpec({ lstm: { dropout: 0.3 } }), chainedSpec()]) {
      const spec = tapered(base);
      const rows = checkGradients({ ...spec, lstm: { ...spec.lstm, cell } }, { batchSize: 2, steps: 3, seed: 1, samples: 20 });
      for (const { name, error } of rows) expect(error, name).toBeLessThan(1e-6);
    }
  }); // prettier-ignore

  it('train on SIMD kernels and threads as on the reference, and step as they run over a window', async () => {
    const spec = tapered();
    const losses = await Promise.all(
      ([['reference', 1], ['simd', 1], ['simd', 2]] as const).map(async ([backend, threads]) => {
        const engine = await engineFor(spec, backend, threads);
        for (let step = 0; step < 4; step++) await engine.trainStep(randomBatch(spec, 4, 5, Random.stream(step, 'batch')), 0.01);
        const { loss } = await engine.trainStep(randomBatch(spec, 4, 5, Random.stream(9, 'batch')), 0.01);
        const parameters = await engine.readParameters();
        await engine.dispose();
        return { loss, parameters };
      }),
    );
    for (const { loss } of losses.slice(1)) expect(loss).toBeCloseTo(losses[0].loss, 4);
    const { parameters } = losses[0];
    const batch = randomBatch(spec, 1, 5, Random.stream(3, 'batch'));
    const window = new WindowRunner(spec, parameters, 5);
    window.run(batch.categories, batch.features);
    const stepper = new Stepper(spec, parameters);
    for (let t = 0; t < 5; t++) stepper.step(batch.categories.map((each) => each[t]), [batch.features[2 * t], batch.features[2 * t + 1]]);
    expect(relativeError(stepper.output(0), [...window.output(0)])).toBeLessThan(2e-6);
    expect(stepper.hidden).toHaveLength(4);
    const saved = decodeCheckpoint(encodeCheckpoint({ spec, parameters, extra: {} }));
    expect(saved).toEqual({ spec, parameters, extra: {} });
  }); // prettier-ignore

  it('have embeddings folded into the first layer’s own width', () => {
    const spec = tapered(chainedSpec());
    const parameters = Object.fromEntries(
      parameterSpecs(spec).map(({ name, shape }, at) => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, Float32Array.from({ length: size }, (_, j) => Math.sin(at + j))];
      }),
    );
    const window = new WindowRunner(spec, parameters, 1);
    window.run([[2], [1]], []);
    const stepper = new Stepper(spec, parameters);
    stepper.step([2, 1], []);
    expect(relativeError(stepper.output(0), [...window.output(0)])).toBeLessThan(2e-6);
  });

  it('are estimated to take what each takes', () => {
    const same = { ...smallSpec(), lstm: { layers: 3, hiddenSize: 4, dropout: 0 } };
    const shape = { batchSize: 8, steps: 5 };
    expect(estimateMemory({ ...same, lstm: { ...same.lstm, widths: [4, 4, 4] } }, shape)).toEqual(
      estimateMemory(same, shape),
    );
    expect(estimateMemory(tapered(), shape).activations).toBeGreaterThan(estimateMemory(same, shape).activations);
  });

  it('are refused where there are more or fewer than layers, and by the GPU with the reason', () => {
    const spec = tapered();
    expect(() => validateSpec({ ...spec, lstm: { ...spec.lstm, widths: [6, 4] } })).toThrow(/lstm\.widths: expected 3 numbers, .* got 6, 4/);
    expect(() => validateSpec({ ...spec, lstm: { ...spec.lstm, widths: [6, 3, 5] } })).toThrow(UsageError);
    expect(() => validateSpec({ ...spec, lstm: { ...spec.lstm, widths: [6, 0, 4] } })).toThrow(/whole number/);
    expect(unknownToGpu(spec)).toEqual(['layers of different widths']);
  }); // prettier-ignore
});
