import { describe, it } from 'vitest';

import { createKernels } from '../../src/tensor/create-kernels.ts';
import { expectReferenceLosses } from './reference-run.ts';

describe('the reference run', () => {
  it('has the losses that five other implementations agree on, at steps 1, 2, 5 and 20', async () => {
    await expectReferenceLosses(createKernels('simd'), 20);
  });

  it('has them with the reference kernels too, at steps 1 and 2', async () => {
    await expectReferenceLosses(createKernels('reference'), 2);
  });
});
