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
  const kept = keptModule(variant, shared);
  if (kept) return kept;
  if (variant === 'relaxed') allowRelaxedSimd();
  const bytes = await loadBytes(variant, shared);
  if (variant !== 'wide') return keepModule({ wasm: await WebAssembly.compile(bytes), variant }, shared);
  const { compileWide } = await import('./join.ts');
  return keepModule({ wasm: compileWide(bytes, shared), variant }, shared);
}

/** A process compiles each module once: every engine after the first gets the code that V8 has optimised meanwhile. */
const modules = new Map<string, SimdModule>();

export function keptModule(variant: SimdVariant, shared: boolean): SimdModule | undefined {
  return modules.get(keyOf(variant, shared));
}

/** @returns the module, which `keptModule` gives from now on */
export function keepModule(module: SimdModule, shared: boolean): SimdModule {
  modules.set(keyOf(module.variant, shared), module);
  return module;
}

function keyOf(variant: SimdVariant, shared: boolean): string {
  return shared ? `${variant}, shared` : variant;
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
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  // Ten times as fast as Uint8Array.from, which goes through the iterator of texts.
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
