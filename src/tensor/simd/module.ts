import { BINARIES } from './binaries.generated.ts';
import type { SimdModule, SimdVariant } from './exports.ts';

/**
 * The best variant that this engine compiles, or undefined where there is no SIMD at all.
 *
 * Node 20 has relaxed SIMD behind a V8 flag, which is set here; it holds for the whole process, and for workers that are
 * started afterwards.
 */
export function bestSimdVariant(): SimdVariant | undefined {
  allowRelaxedSimd();
  if (WebAssembly.validate(decode(BINARIES.relaxed))) return 'relaxed';
  return WebAssembly.validate(decode(BINARIES.plain)) ? 'plain' : undefined;
}

/**
 * Compiles one variant.
 *
 * @param shared for a memory that several threads use
 */
export function compileSimd(variant: SimdVariant, shared = false): SimdModule {
  if (variant === 'relaxed') allowRelaxedSimd();
  const wasm = new WebAssembly.Module(decode(BINARIES[shared ? (`${variant}Shared` as const) : variant]));
  return { wasm, variant };
}

/** Sets V8's flag where it is one, which is in Node only; elsewhere nothing happens. */
function allowRelaxedSimd(): void {
  const host = globalThis as {
    process?: { versions?: { node?: string }; getBuiltinModule?: (name: string) => unknown };
  };
  if (!host.process?.versions?.node?.startsWith('20.')) return;
  const v8 = host.process.getBuiltinModule?.('node:v8') as { setFlagsFromString?: (flag: string) => void } | undefined;
  v8?.setFlagsFromString?.('--experimental-wasm-relaxed-simd');
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
