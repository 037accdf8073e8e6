import { describe, expect, it } from 'vitest';
import { kernelShareOfStep, watchEngine, watchKernels } from '../../bench/epoch.ts';
import { createWorkloadEngine } from '../../bench/engine.ts';
import { createWorkload } from '../../bench/workload.ts';
import { createKernels } from '../../src/tensor/index.ts';

const SMALL = { batchSize: 3, seqLength: 4, hiddenSize: 5, layers: 1 };

describe('watchEngine', () => {
  it('adds up the time of steps and evaluations, and changes nothing', async () => {
    const workload = createWorkload(SMALL);
    const [watched, other] = await Promise.all([
      createWorkloadEngine(workload, { backend: 'auto', threads: 1 }),
      createWorkloadEngine(workload, { backend: 'auto', threads: 1 }),
    ]);
    const watch = watchEngine(watched.engine);
    const begin = performance.now();
    for (let step = 0; step < 3; step++) expect(await watched.step()).toBe(await other.step());
    const afterSteps = watch.milliseconds;
    expect(await watched.engine.evaluate(workload.batch)).toEqual(await other.engine.evaluate(workload.batch));
    expect(watch.steps).toHaveLength(3);
    expect(afterSteps).toBeCloseTo(
      watch.steps.reduce((sum, ms) => sum + ms, 0),
      10,
    );
    expect(watch.milliseconds).toBeGreaterThan(afterSteps);
    expect(watch.milliseconds).toBeLessThan(performance.now() - begin);
  });
});

describe('watchKernels', () => {
  it('passes every operation on and adds up its time', () => {
    const { kernels, watch } = watchKernels(createKernels('reference'));
    const [a, b] = [kernels.arena.tensor([4]), kernels.arena.tensor([4])];
    kernels.fill(a, 2);
    kernels.add(b, a);
    expect([...b.data]).toEqual([2, 2, 2, 2]);
    expect(kernels.sumOfSquares(b)).toBe(16);
    expect(watch.milliseconds).toBeGreaterThan(0);
    expect(kernels.name).toBe('reference');
  });
});

describe('kernelShareOfStep', () => {
  it('is a part of the step', async () => {
    const share = await kernelShareOfStep('auto', 2);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThanOrEqual(1);
  });
});
