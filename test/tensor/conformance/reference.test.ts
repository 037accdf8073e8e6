import { HeapArena, ReferenceKernels } from '../../../src/tensor/index.ts';
import { describeGradients } from './gradients.ts';
import { describeKernels } from './suite.ts';

describeKernels('reference', () => new ReferenceKernels(new HeapArena('float32')));
describeKernels('reference (float64)', () => new ReferenceKernels(new HeapArena('float64')));
describeGradients('reference (float64)', () => new ReferenceKernels(new HeapArena('float64')));
