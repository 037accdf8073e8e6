import { bestSimdVariant, wideObstacle } from '../../src/tensor/index.ts';
import { SimdKernels } from '../../src/tensor/simd/kernels.ts';
import { WASM as WIDE } from '../../src/tensor/simd/binaries/wide.generated.ts';
import { WASM as WIDE_SHARED } from '../../src/tensor/simd/binaries/wideShared.generated.ts';
import { decodeBase64 } from '../../src/tensor/simd/load.ts';
import { compileSimd } from '../../src/tensor/simd/module.ts';
import { createMemory } from '../../src/tensor/simd/wasm-arena.ts';

/** Whether V8 joins the operations of the wide build here. */
export const joins = wideObstacle() === undefined;
/** Whether the bytes of the relaxed and the wide build run, joined or not. */
export const hasRelaxedSimd = bestSimdVariant() === 'relaxed';

/** The wide build: joined where V8 does that, else as it stands, which gives the same bits at half the speed of the narrow builds. */
export function wideKernels(shared = false): SimdKernels {
  if (joins) return new SimdKernels(compileSimd('wide', shared), createMemory(shared));
  const wasm = new WebAssembly.Module(decodeBase64(shared ? WIDE_SHARED : WIDE));
  return new SimdKernels({ wasm, variant: 'wide' }, createMemory(shared));
}

/** Every build of the SIMD kernels that runs here. */
export const SIMD_BUILDS: { name: string; create: () => SimdKernels }[] = [
  { name: 'simd (plain)', create: () => new SimdKernels(compileSimd('plain')) },
  ...(hasRelaxedSimd
    ? [
        { name: 'simd (relaxed)', create: () => new SimdKernels(compileSimd('relaxed')) },
        { name: joins ? 'simd (wide)' : 'simd (wide), not joined', create: wideKernels },
      ]
    : []),
];
