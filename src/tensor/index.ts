/**
 * Numbers: shapes, tensors, arenas, random streams, and the kernels that work on them. Knows nothing of networks or music.
 *
 * @module etude-lstm/tensor
 */
export { DataError, EtudeError, UsageError } from '../errors.ts';
export { assertShape, formatShape, ShapeError, sizeOf, type Shape } from './shape.ts';
export { IndexTensor, Tensor, type Floats, type Precision, type TensorMemory } from './tensor.ts';
export { HeapArena, OutOfMemoryError, type Arena, type Lease } from './arena.ts';
export { Random, RANDOM_STREAMS, type RandomState, type RandomStream } from './random.ts';
export type { AdamSettings, Kernels, MomentumSettings, RmspropSettings, WeightGradient } from './kernels.ts';
export { ReferenceKernels } from './reference/kernels.ts';
export type { SimdKernels } from './simd/kernels.ts';
export { compileSimd } from './simd/module.ts';
export { bestSimdVariant, wideObstacle } from './simd/variant.ts';
export { adoptWideVerdict, findWideVerdict, knownWideVerdict, nameOfBits } from './simd/wide.ts';
export type { WideVerdict } from './simd/wide-verdict.ts';
export type { SimdModule, SimdVariant } from './simd/exports.ts';
export { BACKENDS, KERNEL_BACKENDS, parseBackend, type Backend, type KernelBackend } from './backend-names.ts';
export { createKernels } from './create-kernels.ts';
export { findSimdVariant, loadKernels, simdVariantFor, type WorkAhead } from './backends.ts';
export { GPU_BACKENDS, GPU_MODES, isGpuBackend, type GpuBackend, type GpuMode } from './gpu/modes.ts';
export { GpuFallbackError, GpuLimitError, GpuUnavailableError } from './gpu/errors.ts';
