import { Worker } from 'node:worker_threads';
import { UsageError } from '../../src/errors.ts';
import { bestSimdVariant } from '../../src/tensor/index.ts';
import type { WasmMemory } from '../../src/tensor/simd/exports.ts';
import { createMemory } from '../../src/tensor/simd/wasm-arena.ts';
import { WASM as PLAIN } from './binaries/plain.generated.ts';
import { WASM as RELAXED } from './binaries/relaxed.generated.ts';

/** What a core of this machine gives at most, in 10^9 operations or bytes a second. */
export interface Peak {
  threads: number;
  /** 128-bit fused multiply-adds, a multiply-add counting as two; null where the engine has no relaxed SIMD. */
  fused: number | null;
  /** 128-bit multiplications and additions, an instruction each. */
  multiplyAdd: number;
  /** Multiplications and additions of single numbers. */
  scalar: number;
}

/** Reading memory of one thread: what fits into the L1 cache, into the L2 cache, and into neither. */
export interface Bandwidth {
  l1: number;
  l2: number;
  memory: number;
}

/** How long each ceiling is measured, in milliseconds. */
const PEAK_MS = 300;
/** A working set for each level: well inside the L1 and L2 caches of any core, and larger than most L3 caches. */
const SETS = { l1: 16_000, l2: 192_000, memory: 256_000_000 } as const;

interface PeakExports {
  VECTOR_OPERATIONS: { value: number };
  SCALAR_OPERATIONS: { value: number };
  READ_BYTES: { value: number };
  vectorRounds(rounds: number, x: number, y: number): number;
  scalarRounds(rounds: number, x: number, y: number): number;
  readRounds(rounds: number, from: number, bytes: number): number;
}

/** Measures the ceilings of arithmetic with so many threads at work at once. */
export async function measurePeak(threads = 1, ms = PEAK_MS): Promise<Peak> {
  const fused = bestSimdVariant() === 'relaxed' ? await rateOf('relaxed', 'vectorRounds', threads, ms) : null;
  return {
    threads,
    fused,
    multiplyAdd: await rateOf('plain', 'vectorRounds', threads, ms),
    scalar: await rateOf('plain', 'scalarRounds', threads, ms),
  };
}

/** The ceiling for kernels of that name: fused for the relaxed build, 128-bit multiply-add for the others. */
export function ceilingFor(peak: Peak, kernels: string): number {
  return kernels.includes('relaxed') ? (peak.fused ?? peak.multiplyAdd) : peak.multiplyAdd;
}

/**
 * What this thread gives at the moment, in 10^9 operations a second: the mean over some milliseconds, not the best. Another machine may
 * use the same core, of which no counter tells; between two looks at it, work can be compared with what was to be had meanwhile.
 */
export function peakProbe(kernels: string): (ms: number) => number {
  const fused = kernels.includes('relaxed') && bestSimdVariant() === 'relaxed';
  const { vectorRounds, VECTOR_OPERATIONS } = instantiate(fused ? 'relaxed' : 'plain');
  const operations = 8 * VECTOR_OPERATIONS.value * ROUNDS;
  // WebAssembly begins with code that was compiled in a hurry.
  bestRate(() => vectorRounds(ROUNDS, 0.5, 0.5), PEAK_MS / 3);
  return (ms) => {
    const begin = performance.now();
    let [calls, now] = [0, begin];
    for (; calls === 0 || now - begin < ms; calls++, now = performance.now()) vectorRounds(ROUNDS, 0.5, 0.5);
    return (calls * operations) / (now - begin) / 1e6;
  };
}

/** Measures how fast one thread reads, in 10^9 bytes a second. */
export function measureBandwidth(ms = PEAK_MS): Bandwidth {
  const memory = createMemory(false);
  memory.grow(Math.ceil(SETS.memory / 65_536) + 1);
  // Pages that were never written to are all one and the same page of zeros.
  new Uint8Array(memory.buffer).fill(1);
  const { readRounds, READ_BYTES } = instantiate('plain', memory);
  const rate = (size: number): number => {
    const bytes = size - (size % READ_BYTES.value);
    const rounds = Math.max(1, Math.round(4e6 / bytes));
    return (bestRate(() => readRounds(rounds, 65_536, bytes), ms) * rounds * bytes) / 1e9;
  };
  return { l1: rate(SETS.l1), l2: rate(SETS.l2), memory: rate(SETS.memory) };
}

/** 10^9 operations a second of all threads together. */
async function rateOf(
  variant: 'relaxed' | 'plain',
  loop: 'vectorRounds' | 'scalarRounds',
  threads: number,
  ms: number,
): Promise<number> {
  const wasm = moduleOf(variant);
  const { VECTOR_OPERATIONS, SCALAR_OPERATIONS } = instantiate(variant);
  const operations = loop === 'vectorRounds' ? 8 * VECTOR_OPERATIONS.value : 2 * SCALAR_OPERATIONS.value;
  if (threads === 1) return (loopRate(instantiate(variant)[loop], ms) * operations) / 1e9;
  let best = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const rates = await Promise.all(Array.from({ length: threads }, () => rateInWorker(wasm, loop, ms / ATTEMPTS)));
    best = Math.max(
      best,
      rates.reduce((sum, rate) => sum + rate, 0),
    );
  }
  return (best * operations) / 1e9;
}

/** How often several threads try: what disturbs one spoils the sum. */
const ATTEMPTS = 3;

/** Rounds of a call: some ten microseconds, so that what interrupts one spoils few. */
const ROUNDS = 10_000;

/** Rounds a second: the best of many calls, for a ceiling is what nothing else has slowed down. */
function loopRate(loop: PeakExports['vectorRounds'], ms: number): number {
  return bestRate(() => loop(ROUNDS, 0.5, 0.5), ms) * ROUNDS;
}

function bestRate(run: () => number, ms: number): number {
  let best = 0;
  // WebAssembly begins with code that was compiled in a hurry: the first third is for the better one to arrive.
  const begin = performance.now();
  for (let now = begin; best === 0 || now - begin < ms;) {
    run();
    const after = performance.now();
    if (after - begin > ms / 3) best = Math.max(best, 1000 / (after - now));
    now = after;
  }
  return best;
}

/**
 * The same in a thread of its own. All threads measure over the same time, so here the mean of the middle counts: the best
 * moments of two threads that share a core would not be the same moments.
 */
function rateInWorker(wasm: WebAssembly.Module, loop: string, ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { eval: true, workerData: { wasm, loop, ms, rounds: ROUNDS } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Counts the rounds in the second and third quarter of the time; the threads have then begun, and none has ended. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const { wasm, loop, ms, rounds } = workerData;
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65535 });
const run = new WebAssembly.Instance(wasm, { env: { memory } }).exports[loop];
const begin = performance.now();
let done = 0;
let from = 0;
for (let now = begin; now - begin < ms || done === 0;) {
  run(rounds, 0.5, 0.5);
  now = performance.now();
  if (now - begin < ms / 4) from = now;
  else if (now - begin < (3 * ms) / 4 || done === 0) done += rounds, to = now;
}
parentPort.postMessage((done * 1000) / (to - from));
var to;
`;

/** @throws UsageError where nothing of it runs */
function moduleOf(variant: 'relaxed' | 'plain'): WebAssembly.Module {
  if (bestSimdVariant() === undefined) {
    throw new UsageError(
      'bench: this JavaScript engine has no WebAssembly SIMD, with which the peak of a core is measured. Run it without --jitless.',
    );
  }
  return new WebAssembly.Module(Uint8Array.from(Buffer.from(variant === 'relaxed' ? RELAXED : PLAIN, 'base64')));
}

function instantiate(variant: 'relaxed' | 'plain', memory?: WasmMemory): PeakExports {
  const wasm = moduleOf(variant);
  const imports = { env: { memory: (memory ?? createMemory(false)) as WebAssembly.Memory } };
  return new WebAssembly.Instance(wasm, imports).exports as unknown as PeakExports;
}
