import { WASM as PLAIN } from './binaries/plain.generated.ts';
import { WASM as PLAIN_SHARED } from './binaries/plainShared.generated.ts';
import { WASM as RELAXED } from './binaries/relaxed.generated.ts';
import { WASM as RELAXED_SHARED } from './binaries/relaxedShared.generated.ts';
import { WASM as WIDE } from './binaries/wide.generated.ts';
import { WASM as WIDE_SHARED } from './binaries/wideShared.generated.ts';
import type { SimdModule, SimdVariant } from './exports.ts';
import { decodeBase64, keepModule, keptModule } from './load.ts';
import { compileWide } from './join.ts';
import { allowRelaxedSimd } from './variant.ts';

/** Each for one thread, and for a memory that several use. */
const BINARIES = {
  wide: [WIDE, WIDE_SHARED],
  relaxed: [RELAXED, RELAXED_SHARED],
  plain: [PLAIN, PLAIN_SHARED],
};

/**
 * Compiles one variant at once, the first time; a process keeps what it compiled. For that all of them must be there already: a page is smaller with `loadSimd`.
 *
 * @param shared for a memory that several threads use
 * @throws UsageError for `wide` where it cannot run
 */
export function compileSimd(variant: SimdVariant, shared = false): SimdModule {
  const kept = keptModule(variant, shared);
  if (kept) return kept;
  if (variant === 'relaxed') allowRelaxedSimd();
  const bytes = decodeBase64(BINARIES[variant][shared ? 1 : 0]);
  const wasm = variant === 'wide' ? compileWide(bytes, shared) : new WebAssembly.Module(bytes);
  return keepModule({ wasm, variant }, shared);
}
