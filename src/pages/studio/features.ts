/** What this browser lacks, each in a sentence that says what it means here. */
export function missingFeatures(): string[] {
  const sentences: string[] = [];
  if (!hasSimd()) {
    sentences.push(
      'This browser has no WebAssembly SIMD: the plain kernels are used, about ten times slower. Everything else works.',
    );
  }
  if (!globalThis.crossOriginIsolated) {
    sentences.push(
      'This page is not cross-origin isolated, so it uses one thread: “etude studio” sends the headers that more threads need ' +
        '(Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy).',
    );
  }
  return sentences;
}

/** Whether a module with one SIMD instruction (i8x16.popcnt of a zero) would be compiled. */
function hasSimd(): boolean {
  // prettier-ignore
  const module = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ];
  // Lockdown modes of browsers take WebAssembly away altogether.
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(Uint8Array.from(module));
}
