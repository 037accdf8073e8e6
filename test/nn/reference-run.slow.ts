import { describe, it } from 'vitest';

import { HeapArena, ReferenceKernels } from '../../src/tensor/index.ts';
import { expectReferenceLosses } from './reference-run.ts';

describe('the reference run, all 20 steps', () => {
  it.each(['float32', 'float64'] as const)(
    'has the known losses with the reference kernels in %s',
    async (precision) => {
      await expectReferenceLosses(new ReferenceKernels(new HeapArena(precision)), 20);
    },
  );
});
