import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureOnnx } from '../../../bench/interop/measure-onnx.ts';
import { BOTH_WAYS, ONE_WAY } from '../../../bench/interop/models.ts';
import { OnnxModel } from '../../../bench/interop/onnx-model.ts';
import { batchFor, largestDifference, randomModel, runNetwork } from '../../../bench/interop/ours.ts';

import { toOnnx } from '../../../src/interop/index.ts';

const TOLERANCE = 1e-5;
const root = join(import.meta.dirname, '../../..');

describe('an exported model in onnxruntime says what ours says', () => {
  it.each(Object.entries(ONE_WAY))('%s: in whole sequences, step by step, and the states', async (_, spec) => {
    const { batch, steps, stepper } = await measureOnnx(spec);
    expect(batch).toBeLessThan(TOLERANCE);
    expect(steps).toBeLessThan(TOLERANCE);
    expect(stepper).toBeLessThan(TOLERANCE);
  });

  it.each(Object.entries(BOTH_WAYS))('%s', async (_, spec) => {
    expect((await measureOnnx(spec)).batch).toBeLessThan(TOLERANCE);
  });

  it('with sequences of several lengths in both directions, each from its own end', async () => {
    const spec = BOTH_WAYS['gru in both directions'];
    const model = randomModel(spec);
    const onnx = await OnnxModel.open(toOnnx(model).bytes, spec);
    const batch = { ...batchFor(spec, 3, 6), lengths: [6, 2, 4] };
    const [found, expected] = [await onnx.run(batch), runNetwork(model, batch)];
    // What stands behind the end of a sequence counts nothing, and is not the same.
    const read = (said: Float32Array): number[] => {
      const width = said.length / 18;
      return Array.from(said).filter((_, at) => Math.floor(at / width / 3) < batch.lengths[Math.floor(at / width) % 3]);
    };
    found.heads.forEach((said, k) => {
      expect(largestDifference(read(said), read(expected.heads[k]))).toBeLessThan(TOLERANCE);
    });
    await onnx.release();
  });

  it('of the states, too: each depends on what was read', async () => {
    const [, spec] = Object.entries(ONE_WAY)[0];
    const onnx = await OnnxModel.open(toOnnx(randomModel(spec)).bytes, spec);
    const { states } = await onnx.run(batchFor(spec, 2, 3));
    expect(Object.keys(states)).toEqual(['lstm.0.h', 'lstm.0.c', 'lstm.1.h', 'lstm.1.c']);
    for (const state of Object.values(states)) expect(new Set(state).size).toBe(16);
    await onnx.release();
  });
});

it('the differences that docs/interop.md gives are of these models, and none is larger than it says', () => {
  const { largest, models } = JSON.parse(readFileSync(join(root, 'bench/results/interop-onnx.json'), 'utf8')) as {
    largest: number;
    models: { model: string; batch: number; steps?: number; stepper?: number }[];
  };
  expect(models.map(({ model }) => model)).toEqual(Object.keys({ ...ONE_WAY, ...BOTH_WAYS }));
  expect(largest).toBe(Math.max(...models.flatMap(({ batch, steps = 0, stepper = 0 }) => [batch, steps, stepper])));
  expect(largest).toBeLessThan(TOLERANCE);
  const page = readFileSync(join(root, 'docs/interop.md'), 'utf8');
  expect(page).toContain(`${(1e7 * largest).toPrecision(2)} · 10⁻⁷`);
});
