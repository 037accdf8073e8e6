import { describeGpuEngine } from './engine-conformance.ts';

/** These two run anywhere. */
describeGpuEngine('cpu', 8);
describeGpuEngine('webasm', 8);
