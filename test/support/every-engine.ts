import type { Engine, ModelSpec } from '../../src/nn/index.ts';
import { bestSimdVariant } from '../../src/tensor/index.ts';
import { TOY_SPEC, toyEngine } from './toy-model.ts';

const WITHOUT_SIMD = bestSimdVariant() === undefined && 'this JavaScript engine has no WebAssembly SIMD';

/** Every kind of engine there is, each with a reason where it does not run. */
export const EVERY_ENGINE: { name: string; create: (spec?: ModelSpec) => Promise<Engine>; skip: string | false }[] = [
  { name: 'the plain kernels', create: (spec = TOY_SPEC) => toyEngine(spec, 'reference'), skip: false },
  { name: 'one thread', create: (spec = TOY_SPEC) => toyEngine(spec, 'simd'), skip: WITHOUT_SIMD },
  { name: 'two threads', create: (spec = TOY_SPEC) => toyEngine(spec, 'simd', 2), skip: WITHOUT_SIMD },
  { name: 'gpu.js', create: (spec = TOY_SPEC) => toyEngine(spec, 'gpu-cpu'), skip: false },
];
