import fc from 'fast-check';
import { expect } from 'vitest';

/**
 * Cases of a property that asks for no number of its own: FULL in .ci/run, FAST where people wait. With FAST the mutation
 * check finds every error that it plants.
 */
const FULL = 50;
const FAST = 12;

/**
 * One seed for every property of a run, so that a failure anywhere can be replayed: `ETUDE_SEED=… npx vitest run`.
 * fast-check prints the seed and the shrunken counterexample with each failure. ETUDE_RUNS is the number of cases, or `full`.
 * ETUDE_SHRINK=no is for those who ask only whether a test fails: the first counterexample will do.
 */
const { ETUDE_SEED = '20260101', ETUDE_RUNS = String(FAST), ETUDE_SHRINK } = process.env;
const numRuns = ETUDE_RUNS === 'full' ? FULL : Number(ETUDE_RUNS);
fc.configureGlobal({ seed: Number(ETUDE_SEED), numRuns, endOnFailure: ETUDE_SHRINK === 'no' });

/** Arrays of the same bits are equal. Vitest would find so too, but number by number, which takes long. */
function sameBits(one: unknown, other: unknown): true | undefined {
  if (!ArrayBuffer.isView(one) || !ArrayBuffer.isView(other) || one.constructor !== other.constructor) return undefined;
  // What differs is for Vitest to say.
  return bytesOf(one).equals(bytesOf(other)) || undefined;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

// This file is read anew for each file of tests, whose process may be the same.
const scope = globalThis as { comparesBits?: boolean };
if (!scope.comparesBits) expect.addEqualityTesters([sameBits]);
scope.comparesBits = true;
