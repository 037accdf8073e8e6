import { describe, expect, it, vi } from 'vitest';

import type { Batch } from '../../src/nn/batch.ts';
import { ADAM_DEFAULTS } from '../../src/nn/optimizers/spec.ts';
import { randomBatch } from '../../src/nn/gradient-check.ts';
import { GpuEngine } from '../../src/nn/gpu/gpu-engine.ts';
import { LocalEngine } from '../../src/nn/local-engine.ts';
import { ParameterSet } from '../../src/nn/parameters.ts';
import { Part } from '../../src/nn/threads/part.ts';
import { ThreadedEngine } from '../../src/nn/threads/threaded-engine.ts';
import type { ModelSpec } from '../../src/nn/spec.ts';
import { GpuDevice } from '../../src/tensor/gpu/device.ts';
import { bestSimdVariant, compileSimd, createKernels, Random } from '../../src/tensor/index.ts';
import { SimdKernels } from '../../src/tensor/simd/kernels.ts';
import { smallSpec } from '../support/model-specs.ts';

const STEPS = 3;
const SPEC = smallSpec({ lstm: { layers: 1, dropout: 0.3 } });
const MANY = Array.from({ length: 200 }, (_, index) => index + 1);
/** In every order in which a free place may be too small, too large, or somewhere in between. */
const ORDERS = {
  'from 1 to 200': MANY,
  'from 200 to 1': MANY.toReversed(),
  'from 1 to 200, shuffled': Random.stream(3, 'sizes').shuffle([...MANY]),
};

const options = () => ({
  optimizer: ADAM_DEFAULTS,
  steps: STEPS,
  init: Random.stream(1, 'init'),
  dropout: Random.stream(1, 'dropout'),
});
const batchOf = (size: number, spec: ModelSpec = SPEC): Batch =>
  randomBatch(spec, size, STEPS, Random.stream(size, 'batch'));
const judged = (size: number): Batch => batchOf(size, { ...SPEC, lossOn: 'last' });

/** The end of what is taken in WebAssembly's memory; for the heap, which gives back what nobody holds, what is held. */
const footprint = ({ arena }: ReturnType<typeof createKernels>): number =>
  'top' in arena ? (arena.top as number) : arena.bytes;

async function run(backend: string, sizes: readonly number[]) {
  const kernels = createKernels(backend);
  const engine = new LocalEngine(SPEC, { kernels, ...options() });
  const losses: unknown[] = [];
  for (const size of sizes) {
    losses[size] = [await engine.evaluate(judged(size)), (await engine.trainStep(batchOf(size), 0)).losses.length];
  }
  return { losses, bytes: footprint(kernels) };
}

describe('an engine that is given 200 batch sizes', () => {
  const expectFew = async (backend: string, sizes: readonly number[]): Promise<void> => {
    const [many, few] = [await run(backend, sizes), await run(backend, [200, 199])];
    expect(many.bytes / few.bytes).toBeLessThan(1.5);
    for (const size of [199, 200]) expect(many.losses[size]).toEqual(few.losses[size]);
  };

  it.skipIf(bestSimdVariant() === undefined).each(Object.entries(ORDERS))(
    'takes little more than for the largest two, %s',
    (_, sizes) => expectFew('simd', sizes),
  );

  it('takes little more than for the largest two, on the plain kernels', () =>
    expectFew('reference', MANY.slice(0, 20).concat(199, 200)));
});

it.skipIf(bestSimdVariant() === undefined)('the remainders of an engine with threads do not pile up', async () => {
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
  const pages: number[] = [];
  for (const sizes of [[200, 199], MANY]) {
    grow.mockClear();
    const engine = await ThreadedEngine.create(SPEC, { ...options(), variant: 'plain', threads: 2, batchSize: 8 });
    for (const size of sizes) await engine.evaluate(judged(size));
    pages.push(grow.mock.calls.reduce((sum, [more]) => sum + more, 0));
    await engine.dispose();
  }
  grow.mockRestore();
  // All of them together are 5 MB.
  expect(pages[1] - pages[0]).toBeLessThan(8);
});

it('the plans of an engine of gpu.js do not pile up, nor do their kernels', async () => {
  const device = await GpuDevice.open('webasm');
  const engine = new GpuEngine(device, SPEC, { planSteps: 1, ...options() });
  const handles: number[] = [];
  for (const size of [1, 2, 3, 4]) {
    await engine.evaluate(judged(size));
    handles.push(device.handles);
  }
  expect(handles[1]).toBeGreaterThan(handles[0]);
  expect(handles.slice(2)).toEqual([handles[1], handles[1]]);
  const again = await engine.evaluate(judged(1));
  await engine.dispose();
  expect(device.handles).toBe(0);
  const fresh = new GpuEngine(await GpuDevice.open('webasm'), SPEC, { planSteps: 1, ...options() });
  expect(again).toEqual(await fresh.evaluate(judged(1)));
  await fresh.dispose();
});

it.skipIf(bestSimdVariant() === undefined)('a thread takes no memory after it has been laid out', () => {
  const range = { from: 0, of: 64 };
  for (const [train, evaluate] of [[2, 32], [16, 32], [32, 2]]) {
    const kernels = new SimdKernels(compileSimd('plain'));
    const [parameters, gradients] = [0, 1].map(() => new ParameterSet(kernels.arena, SPEC));
    const shape = { steps: 40, train: { ...range, count: train }, evaluate: { ...range, count: evaluate } };
    const part = new Part(kernels, SPEC, shape, parameters, gradients);
    const { top } = kernels.arena;
    part.evaluate(new Float64Array(2));
    part.train(new Float64Array(2));
    expect(kernels.arena.top).toBe(top);
  }
}); // prettier-ignore
