import { WASM as PLAIN } from './binaries/plain.generated.ts';
import { WASM as PLAIN_SHARED } from './binaries/plainShared.generated.ts';
import { WASM as RELAXED } from './binaries/relaxed.generated.ts';
import { WASM as RELAXED_SHARED } from './binaries/relaxedShared.generated.ts';
import type { SimdModule, SimdVariant } from './exports.ts';
import { decodeBase64 } from './load.ts';
import { allowRelaxedSimd } from './variant.ts';

/**
 * Compiles one variant at once. For that all of them must be there already: a page is smaller with {@link loadSimd}.
 *
 * @param shared for a memory that several threads use
 */
export function compileSimd(variant: SimdVariant, shared = false): SimdModule {
  if (variant === 'relaxed') allowRelaxedSimd();
  const [alone, together] = variant === 'relaxed' ? [RELAXED, RELAXED_SHARED] : [PLAIN, PLAIN_SHARED];
  return { wasm: new WebAssembly.Module(decodeBase64(shared ? together : alone)), variant };
}
