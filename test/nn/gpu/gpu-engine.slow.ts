import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

import { createWorkload, LEARNING_RATE, REFERENCE, REFERENCE_LOSSES, TorchAdam } from '../../../bench/workload.ts';
import { GpuEngine } from '../../../src/nn/gpu/gpu-engine.ts';
import { LocalEngine } from '../../../src/nn/local-engine.ts';
import { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { createKernels, Random } from '../../../src/tensor/index.ts';
import { smallSpec } from '../../support/model-specs.ts';
import { gpuModesToTest } from '../../tensor/gpu/modes-here.ts';
import { describeGpuEngine } from './engine-conformance.ts';
import { batches, gpuEngine } from './engines.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const beside = await gpuModesToTest();
const everywhere: { mode: GpuMode; missing?: string }[] = [{ mode: 'cpu' }, { mode: 'webasm' }];

describe('the engine of gpu.js', () => {
  for (const { mode, missing } of beside) {
    if (missing === undefined) describeGpuEngine(mode, 2);
    else it.skip(`in the mode ${mode}: ${missing}`);
  }
});

/** What single precision, added up in another order, may change of a loss of the tutorial's model within five steps. */
const LOSS_BOUND = 1e-4;
const STEPS = 5;

describe('five steps of the tutorial’s model', () => {
  for (const { mode, missing } of [...everywhere, ...beside]) {
    if (missing !== undefined) {
      it.skip(`in the mode ${mode}: ${missing}`);
      continue;
    }
    it(`in the mode ${mode} have the losses of five other implementations, and go on with simd and back`, async () => {
      const { spec, parameters, batch } = createWorkload(REFERENCE);
      const streams = () => ({ init: Random.stream(1, 'init'), dropout: Random.stream(1, 'dropout') });
      const [gpuAdam, simdAdam] = [new TorchAdam(), new TorchAdam()];
      const common = { steps: REFERENCE.seqLength };
      const device = await GpuDevice.open(mode);
      const engine = new GpuEngine(device, spec, { ...common, optimizer: gpuAdam, planSteps: 1, ...streams() });
      const simd = new LocalEngine(spec, { ...common, optimizer: simdAdam, kernels: createKernels('simd'), ...streams() }); // prettier-ignore
      try {
        await engine.writeParameters(parameters);
        await simd.writeParameters(parameters);
        const known = new Map(REFERENCE_LOSSES);
        for (let step = 1; step <= STEPS; step++) {
          gpuAdam.nextStep();
          simdAdam.nextStep();
          const [{ loss }, expected] = [await engine.trainStep(batch, LEARNING_RATE), await simd.trainStep(batch, LEARNING_RATE)]; // prettier-ignore
          expect(Math.abs(loss - (known.get(step) ?? expected.loss)), `step ${step}: ${loss}`).toBeLessThan(LOSS_BOUND);
        }
        await simd.writeState(await engine.readState());
        const onSimd = await simd.trainStep(batch, LEARNING_RATE);
        const onGpu = await engine.trainStep(batch, LEARNING_RATE);
        expect(Math.abs(onSimd.loss - onGpu.loss), 'the same state, one step on either').toBeLessThan(1e-6);
        await engine.writeState(await simd.readState());
        const [back, stayed] = [await engine.trainStep(batch, LEARNING_RATE), await simd.trainStep(batch, LEARNING_RATE)]; // prettier-ignore
        expect(Math.abs(back.loss - stayed.loss), 'and back').toBeLessThan(1e-5);
      } finally {
        await engine.dispose();
      }
    });
  }
});

describe('a thousand steps', () => {
  for (const { mode, missing } of [...everywhere, ...beside]) {
    if (missing !== undefined) {
      it.skip(`in the mode ${mode}: ${missing}`);
      continue;
    }
    it(`in the mode ${mode} take no more memory and no more handles, and give all back`, async () => {
      const spec = smallSpec({ lstm: { layers: 1, dropout: 0.3 } });
      const device = await GpuDevice.open(mode);
      const engine = new GpuEngine(device, spec, {
        optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, clipNorm: 1 },
        steps: 4,
        planSteps: 4,
        init: Random.stream(1, 'init'),
        dropout: Random.stream(1, 'dropout'),
      });
      const list = batches(spec, 4);
      const rates = [0.01, 0.01, 0.01, 0.01];
      const heap = (): number => {
        collect();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return heapUsed + arrayBuffers;
      };
      const steps = async (count: number): Promise<void> => {
        for (let step = 0; step < count; step += 4) await engine.trainSteps(list, rates);
      };
      // The resident memory wanders by tens of megabytes while nothing leaks; its least value in 500 steps does not.
      const leastOfFive = async (): Promise<number> => {
        let least = Infinity;
        for (let reading = 0; reading < 5; reading++) {
          await steps(100);
          collect();
          least = Math.min(least, process.memoryUsage().rss);
        }
        return least;
      };
      await steps(200);
      const [bytes, { handles }] = [heap(), device];
      const before = await leastOfFive();
      const after = await leastOfFive();
      expect(device.handles).toBe(handles);
      expect(heap() - bytes).toBeLessThan(1e6);
      expect(after - before, 'what is not on the heap').toBeLessThan(5e7);
      await engine.dispose();
      expect(device.handles).toBe(0);
    });
  }

  it('two engines of one mode do not disturb each other', async () => {
    for (const mode of [
      'cpu',
      'webasm',
      ...beside.filter((each) => each.missing === undefined).map((each) => each.mode),
    ] as const) {
      // prettier-ignore
      const spec = smallSpec();
      const [one, two] = [await gpuEngine(mode, spec), await gpuEngine(mode, spec)];
      const [batch] = batches(spec, 1);
      const [{ loss }] = await Promise.all([one.trainStep(batch, 0.01), two.trainStep(batch, 0.01)]);
      await one.dispose();
      expect((await two.trainStep(batch, 0.01)).loss).toBeLessThan(loss);
      await two.dispose();
    }
  });
});
