import { describe, it } from 'vitest';

import { gpuModesToTest } from './modes-here.ts';
import { describeGpuKernels } from './kernel-conformance.ts';

const modes = await gpuModesToTest();

describe('the kernels of gpu.js', () => {
  for (const { mode, missing } of modes) {
    if (missing === undefined) describeGpuKernels(mode, 3);
    else it.skip(`in the mode ${mode}: ${missing}`);
  }
});
