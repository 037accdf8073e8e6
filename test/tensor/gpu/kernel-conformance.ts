import { afterAll, beforeAll, describe } from 'vitest';

import { GpuDevice } from '../../../src/tensor/gpu/device.ts';
import type { GpuMode } from '../../../src/tensor/gpu/modes.ts';
import { describeBackward } from './backward-conformance.ts';
import { describeForward } from './forward-conformance.ts';
import { describeHeads } from './heads-conformance.ts';
import { forAnyShape, type KernelsUnderTest } from './judged.ts';
import { runKernel } from './run-kernel.ts';

/**
 * Every kernel of gpu.js against its definition in double precision, in one mode: for any sizes, within a stated number of
 * roundings of the magnitudes that go into each number.
 *
 * @param runs how many shapes of each kernel
 */
export function describeGpuKernels(mode: GpuMode, runs: number): void {
  describe(`the kernels of gpu.js in the mode ${mode}`, () => {
    let device: GpuDevice;
    beforeAll(async () => {
      device = await GpuDevice.open(mode);
    });
    afterAll(async () => {
      await device.dispose();
    });
    const under: KernelsUnderTest = {
      mode,
      runs,
      run: (...args) => runKernel(device, ...args),
      forAnyShape: (check) => forAnyShape(runs, check),
    };
    describeForward(under);
    describeBackward(under);
    describeHeads(under);
  });
}
