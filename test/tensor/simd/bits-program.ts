/**
 * Compares the wide build with the relaxed one, bit for bit, in a process of its own: what V8 makes of them is decided by the flags of the
 * process. Prints one line, `bits: ` and what it found as JSON.
 *
 * node bits-program.mjs SEED RESULTS
 */
import { SimdKernels } from '../../../src/tensor/simd/kernels.ts';
import type { SimdExports } from '../../../src/tensor/simd/exports.ts';
import { compileSimd } from '../../../src/tensor/simd/module.ts';
import { warmUp } from '../../../src/tensor/simd/warm-up.ts';
import { createMemory } from '../../../src/tensor/simd/wasm-arena.ts';
import { wideKernels } from '../../support/simd-builds.ts';
import { runEveryKernel, type Results } from './every-kernel.ts';

/** What the comparison found. */
export interface BitsReport {
  /** Numbers that were compared, and by kernel. */
  results: number;
  kernels: Record<string, number>;
  /** The numbers that were not finite, and those too small to be normal. */
  special: { notFinite: number; denormal: number };
  /** The first that differ. */
  differences: string[];
}

const MOST_DIFFERENCES = 5;
const SMALLEST_NORMAL = 2 ** -126;

const [seed, wanted] = process.argv.slice(2).map(Number);
const relaxed = notJoined();
const wide = [wideKernels(), wideKernels(true)];
const report: BitsReport = { results: 0, kernels: {}, special: { notFinite: 0, denormal: 0 }, differences: [] };
for (let trial = 0; report.results < wanted && report.differences.length < MOST_DIFFERENCES; trial++) {
  const expected = runEveryKernel(relaxed, seed + trial);
  compare(`seed ${seed + trial}`, expected, runEveryKernel(wide[trial % wide.length], seed + trial));
}
console.log(`bits: ${JSON.stringify(report)}`);

/** The relaxed build, called until V8 has optimised it while it does not join anything yet. */
function notJoined(): SimdKernels {
  const module = compileSimd('relaxed');
  const imports = { env: { memory: createMemory(false) as WebAssembly.Memory } };
  warmUp(new WebAssembly.Instance(module.wasm as WebAssembly.Module, imports).exports as unknown as SimdExports);
  return new SimdKernels(module);
}

function compare(what: string, expected: Results, found: Results): void {
  expected.forEach(({ kernel, numbers }, index) => {
    const other = found[index].numbers;
    const [bits, otherBits] = [bitsOf(numbers), bitsOf(other)];
    report.results += numbers.length;
    report.kernels[kernel] = (report.kernels[kernel] ?? 0) + numbers.length;
    for (let at = 0; at < numbers.length; at++) {
      const x = numbers[at];
      if (!Number.isFinite(x)) report.special.notFinite++;
      else if (x !== 0 && Math.abs(x) < SMALLEST_NORMAL) report.special.denormal++;
      // WebAssembly leaves the payload of a NaN open.
      const same = bits[at] === otherBits[at] || (Number.isNaN(x) && Number.isNaN(other[at]));
      if (!same && report.differences.length < MOST_DIFFERENCES) {
        report.differences.push(`${what}: ${kernel}[${at}] of ${numbers.length}: ${x} and ${other[at]}`);
      }
    }
    if (numbers.length !== other.length) report.differences.push(`${what}: ${kernel}: ${other.length} numbers`);
  });
}

function bitsOf(numbers: Float32Array | Float64Array): Uint32Array | BigUint64Array {
  const { buffer, length } = numbers;
  return numbers instanceof Float32Array ? new Uint32Array(buffer, 0, length) : new BigUint64Array(buffer, 0, length);
}
