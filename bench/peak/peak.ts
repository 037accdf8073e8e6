import { Worker } from 'node:worker_threads';
import { createMemory } from '../../src/tensor/simd/wasm-arena.ts';
import { ceilingOf, instantiatePlain, loopOf, ROUNDS, runnerOf, type Ceiling, type Loop } from './loops.ts';

/** What a core of this machine gives at most, in 10^9 operations or bytes a second. */
export interface Peak {
  threads: number;
  /**
   * 256-bit fused multiply-adds, which V8 joins from pairs; a multiply-add counts as two. Null where it does not: no such V8, or a
   * processor without AVX2 or FMA. Not in results of before there were any.
   */
  wide?: number | null;
  /** 128-bit fused multiply-adds; null where the engine has no relaxed SIMD. */
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

interface ReadExports {
  READ_BYTES: { value: number };
  readRounds(rounds: number, from: number, bytes: number): number;
}

/** Joined pairs are clearly quicker than the same loop without: less means that nothing was joined. */
const JOINED = 1.2;

/** Measures the ceilings of arithmetic with so many threads at work at once. */
export async function measurePeak(threads = 1, ms = PEAK_MS): Promise<Peak> {
  const fused = await rateOf('fused', threads, ms);
  const wide = await rateOf('wide', threads, ms);
  return {
    threads,
    wide: wide !== null && wide > JOINED * (fused ?? 0) ? wide : null,
    fused,
    multiplyAdd: (await rateOf('multiplyAdd', threads, ms))!,
    scalar: (await rateOf('scalar', threads, ms))!,
  };
}

/** The ceiling for kernels of that name: 256-bit fused for the wide build, 128-bit for relaxed, multiply-add for the others. */
export function ceilingFor(peak: Peak, kernels: string): number {
  const { wide = null, fused, multiplyAdd } = peak;
  const ceilings = {
    wide: wide ?? fused ?? multiplyAdd,
    fused: fused ?? multiplyAdd,
    multiplyAdd,
    scalar: peak.scalar,
  };
  return ceilings[ceilingOf(kernels)];
}

/** `256-bit fused`: what that ceiling is called. */
export function ceilingInWords(peak: Peak, kernels: string): string {
  const ceiling = ceilingOf(kernels);
  if (ceiling === 'wide' && peak.wide) return '256-bit fused';
  return ceiling !== 'multiplyAdd' && peak.fused ? '128-bit fused' : '128-bit multiply-add';
}

/** Measures how fast one thread reads, in 10^9 bytes a second. */
export function measureBandwidth(ms = PEAK_MS): Bandwidth {
  const memory = createMemory(false);
  memory.grow(Math.ceil(SETS.memory / 65_536) + 1);
  // Pages that were never written to are all one and the same page of zeros.
  new Uint8Array(memory.buffer).fill(1);
  const { readRounds, READ_BYTES } = instantiatePlain(memory as WebAssembly.Memory) as unknown as ReadExports;
  const rate = (size: number): number => {
    const bytes = size - (size % READ_BYTES.value);
    const rounds = Math.max(1, Math.round(4e6 / bytes));
    return (bestRate(() => readRounds(rounds, 65_536, bytes), ms) * rounds * bytes) / 1e9;
  };
  return { l1: rate(SETS.l1), l2: rate(SETS.l2), memory: rate(SETS.memory) };
}

/** 10^9 operations a second of all threads together; null where this engine has no such loop. */
async function rateOf(ceiling: Ceiling, threads: number, ms: number): Promise<number | null> {
  const loop = loopOf(ceiling);
  if (!loop) return null;
  if (threads === 1) return (bestRate(runnerOf(loop), ms) * ROUNDS * loop.operations) / 1e9;
  let best = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const rates = await Promise.all(Array.from({ length: threads }, () => rateInWorker(loop, ms / ATTEMPTS)));
    best = Math.max(
      best,
      rates.reduce((sum, rate) => sum + rate, 0),
    );
  }
  return (best * loop.operations) / 1e9;
}

/** How often several threads try: what disturbs one spoils the sum. */
const ATTEMPTS = 3;

/** Calls a second: the best of many, for a ceiling is what nothing else has slowed down. */
function bestRate(run: () => unknown, ms: number): number {
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
function rateInWorker({ wasm, name, before }: Loop, ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { eval: true, workerData: { wasm, name, before, ms, rounds: ROUNDS } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Counts the rounds in the second and third quarter of the time; the threads have then begun, and none has ended. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const { wasm, name, before, ms, rounds } = workerData;
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65535 });
const run = new WebAssembly.Instance(wasm, { env: { memory } }).exports[name];
const begin = performance.now();
let done = 0;
let from = 0;
for (let now = begin; now - begin < ms || done === 0;) {
  run(...before, rounds, 0.5, 0.5);
  now = performance.now();
  if (now - begin < ms / 4) from = now;
  else if (now - begin < (3 * ms) / 4 || done === 0) done += rounds, to = now;
}
parentPort.postMessage((done * 1000) / (to - from));
var to;
`;
