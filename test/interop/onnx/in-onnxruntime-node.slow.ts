import { describe, expect, it } from 'vitest';
import { measureOnnx } from '../../../bench/interop/measure-onnx.ts';
import { BOTH_WAYS, ONE_WAY } from '../../../bench/interop/models.ts';
import { onnxruntimeNode } from '../../../bench/interop/onnxruntime-node.ts';
import { messageOf } from '../../../src/errors.ts';

const TOLERANCE = 1e-5;

const found = await onnxruntimeNode().catch((thrown: unknown) => messageOf(thrown).split('\n')[0]);
const missing = typeof found === 'string' ? ` (skipped: it cannot be fetched: ${found})` : '';

describe.skipIf(missing !== '')(`onnxruntime-node${missing}`, () => {
  it.each(Object.entries({ ...ONE_WAY, ...BOTH_WAYS }))('says what Etude says, to 1e-5: %s', async (_, spec) => {
    const { runtime } = found as Exclude<typeof found, string>;
    const { batch, steps = 0, stepper = 0 } = await measureOnnx(spec, runtime);
    expect(batch).toBeLessThan(TOLERANCE);
    expect(steps).toBeLessThan(TOLERANCE);
    expect(stepper).toBeLessThan(TOLERANCE);
  });
});
