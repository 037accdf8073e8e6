import { describe } from 'vitest';

import { UsageError } from '../../../src/errors.ts';
import { createKernels } from '../../../src/tensor/create-kernels.ts';
import { wideObstacle } from '../../../src/tensor/index.ts';
import { describeKernels } from './suite.ts';

/** Whether this JavaScript engine has relaxed SIMD. Plain SIMD every supported Node has. */
function hasRelaxedSimd(): boolean {
  try {
    createKernels('simd-relaxed');
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

describeKernels('simd (plain)', () => createKernels('simd-plain'));

describe.skipIf(!hasRelaxedSimd())('where WebAssembly has relaxed SIMD', () => {
  describeKernels('simd (relaxed)', () => createKernels('simd-relaxed'));
});

describe.skipIf(wideObstacle() !== undefined)(`where V8 joins operations${reason()}`, () => {
  describeKernels('simd (wide)', () => createKernels('simd-wide'));
});

function reason(): string {
  const obstacle = wideObstacle();
  return obstacle === undefined ? '' : ` (skipped: ${obstacle})`;
}
