import type { SimdModule, SimdVariant } from './exports.ts';
import { SimdKernels } from './kernels.ts';
import { allowRelaxedSimd } from './variant.ts';

/**
 * Loads and compiles one variant, and none of the others: what `compileSimd` does, for pages.
 *
 * @param shared for a memory that several threads use
 * @throws UsageError for `wide` where it cannot run
 */
export async function loadSimd(variant: SimdVariant, shared = false): Promise<SimdModule> {
  if (variant === 'relaxed') allowRelaxedSimd();
  const bytes = await loadBytes(variant, shared);
  if (variant !== 'wide') return { wasm: await WebAssembly.compile(bytes), variant };
  const { compileWide } = await import('./join.ts');
  return { wasm: compileWide(bytes, shared), variant };
}

/** Kernels of one variant, on one thread. */
export async function loadSimdKernels(variant: SimdVariant): Promise<SimdKernels> {
  return new SimdKernels(await loadSimd(variant));
}

/** The bytes of one build. */
export async function loadBytes(variant: SimdVariant, shared: boolean): Promise<Uint8Array<ArrayBuffer>> {
  return decodeBase64((await binaryOf(variant, shared)).WASM);
}

function binaryOf(variant: SimdVariant, shared: boolean): Promise<{ WASM: string }> {
  if (variant === 'wide') {
    return shared ? import('./binaries/wideShared.generated.ts') : import('./binaries/wide.generated.ts');
  }
  if (variant === 'relaxed') {
    return shared ? import('./binaries/relaxedShared.generated.ts') : import('./binaries/relaxed.generated.ts');
  }
  return shared ? import('./binaries/plainShared.generated.ts') : import('./binaries/plain.generated.ts');
}

export function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
