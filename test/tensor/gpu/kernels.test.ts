import { describeGpuKernels } from './kernel-conformance.ts';

/** These two run anywhere. Few shapes each: compiling them takes longer than running them. */
describeGpuKernels('cpu', 6);
describeGpuKernels('webasm', 6);
