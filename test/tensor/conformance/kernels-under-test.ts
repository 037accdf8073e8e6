import type { Kernels } from '../../../src/tensor/index.ts';

/** Gives the kernels under test; only inside of tests, when they have been created. */
export type KernelsUnderTest = () => Kernels;
