import { describe } from 'vitest';

import { SimdKernels } from '../../../src/tensor/simd/kernels.ts';
import { bestSimdVariant } from '../../../src/tensor/simd/module.ts';
import { describeKernels } from './suite.ts';

const best = bestSimdVariant();

describe.skipIf(best === undefined)('where WebAssembly has SIMD', () => {
  describeKernels('simd (plain)', () => new SimdKernels('plain'));
});
describe.skipIf(best !== 'relaxed')('where WebAssembly has relaxed SIMD', () => {
  describeKernels('simd (relaxed)', () => new SimdKernels('relaxed'));
});
