/**
 * Whether the wide build is the better one here, and why: a clause for `etude bench`.
 *
 * That build is for engines that join pairs of 128-bit operations into 256-bit ones: docs/simd.md says how. There it halves a
 * training step; everywhere else it is slower than the narrow builds. So it is taken only where that was measured.
 */
export interface WideVerdict {
  wide: boolean;
  why: string;
}
