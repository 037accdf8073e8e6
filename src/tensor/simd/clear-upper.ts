import { nodeModule } from '../../node-module.ts';

/** Long enough that simdutf takes its widest registers for it. */
const SOME_BYTES = new Uint8Array(64);

/**
 * Gives what to call after the wide kernels: it clears the upper halves of the 256-bit registers.
 *
 * V8's joined code leaves them as they are. On Intel's processors every SSE instruction then waits for the register that it writes
 * half of, and V8's own `Math.exp` and `Math.log` are such code: 340 ns instead of 16 for the two. Nothing in JavaScript clears
 * registers, but C++ compilers do at the end of each function that used them wide (`vzeroupper`). simdutf, by which Node
 * looks for ASCII, is such code: a call takes 60 ns.
 */
export function upperClearer(): () => void {
  const buffer = nodeModule('node:buffer');
  if (!buffer) return doNothing;
  return () => void buffer.isAscii(SOME_BYTES);
}

export function doNothing(): void {
  // The narrow kernels leave nothing to clear.
}
