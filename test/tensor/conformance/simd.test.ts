import { describe } from 'vitest';

import { createKernels } from '../../../src/tensor/backends.ts';
import { describeKernels } from './suite.ts';

/** Whether this JavaScript engine has what `backend` needs. */
function runsHere(backend: string): boolean {
  try {
    createKernels(backend);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!runsHere('simd-plain'))('where WebAssembly has SIMD', () => {
  describeKernels('simd (plain)', () => createKernels('simd-plain'));
});
describe.skipIf(!runsHere('simd-relaxed'))('where WebAssembly has relaxed SIMD', () => {
  describeKernels('simd (relaxed)', () => createKernels('simd-relaxed'));
});
