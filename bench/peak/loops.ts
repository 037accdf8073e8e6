import { UsageError } from '../../src/errors.ts';
import { nodeModule } from '../../src/node-module.ts';
import { bestSimdVariant, wideObstacle } from '../../src/tensor/index.ts';
import { doNothing, upperClearer } from '../../src/tensor/simd/clear-upper.ts';
import { createMemory } from '../../src/tensor/simd/wasm-arena.ts';
import { WASM as PLAIN } from './binaries/plain.generated.ts';
import { WASM as RELAXED } from './binaries/relaxed.generated.ts';

/** A loop that does nothing but arithmetic, by what it measures. */
export type Ceiling = 'wide' | 'fused' | 'multiplyAdd' | 'scalar';

/** A loop, compiled: what a thread needs to run it. */
export interface Loop {
  wasm: WebAssembly.Module;
  /** The function's name, and the arguments before the number of rounds. */
  name: string;
  before: readonly number[];
  /** Arithmetic operations of a round; a multiply-add counts as two. */
  operations: number;
}

/** Rounds of a call: some ten microseconds, so that what interrupts one spoils few. */
export const ROUNDS = 10_000;

/** Where the sums of the wide loop lie: beyond the constants of the module. */
const SUMS = 65_536;
const JOIN = 'experimental-wasm-revectorize';
/** By then V8 has replaced the code that it compiled in a hurry: it takes 10 to 20. */
const HOT_MS = 60;

interface LoopExports {
  [name: string]: unknown;
  VECTOR_OPERATIONS: { value: number };
  SCALAR_OPERATIONS: { value: number };
  WIDE_OPERATIONS: { value: number };
}

/** Compiles the loop of a ceiling; undefined where this engine has none. */
export function loopOf(ceiling: Ceiling): Loop | undefined {
  const relaxed = bestSimdVariant() === 'relaxed';
  switch (ceiling) {
    case 'wide':
      return relaxed && wideObstacle() === undefined ? joinedLoop() : undefined;
    case 'fused':
      return relaxed ? narrowLoop(RELAXED, 'vectorRounds') : undefined;
    case 'multiplyAdd':
      return narrowLoop(PLAIN, 'vectorRounds');
    case 'scalar':
      return narrowLoop(PLAIN, 'scalarRounds');
  }
}

/** The ceiling that kernels of that name stand below: `simd (wide)`. */
export function ceilingOf(kernels: string): Ceiling {
  if (kernels.includes('wide')) return 'wide';
  return kernels.includes('relaxed') ? 'fused' : 'multiplyAdd';
}

/** A call of a loop in memory of its own: ROUNDS rounds. */
export function runnerOf({ wasm, name, before }: Loop): () => unknown {
  const exports = instantiate(wasm) as unknown as Record<string, (...args: number[]) => unknown>;
  const run = exports[name];
  // What comes after it in this thread must not be slowed by it.
  const clear = name === 'wideRounds' ? upperClearer() : doNothing;
  return () => {
    run(...before, ROUNDS, 0.5, 0.5);
    clear();
  };
}

/** The module of plain loops in that memory. */
export function instantiatePlain(memory: WebAssembly.Memory): Record<string, unknown> {
  return new WebAssembly.Instance(moduleOf(PLAIN), { env: { memory } }).exports;
}

function narrowLoop(base64: string, name: 'vectorRounds' | 'scalarRounds'): Loop {
  const wasm = moduleOf(base64);
  const { VECTOR_OPERATIONS, SCALAR_OPERATIONS } = instantiate(wasm);
  const operations = name === 'vectorRounds' ? 8 * VECTOR_OPERATIONS.value : 2 * SCALAR_OPERATIONS.value;
  return { wasm, name, before: [], operations };
}

/**
 * Compiles the wide loop so that V8 joins its pairs, and runs it until it has. The flag for that is of the whole process and
 * counts when a function is optimised, so it is taken back then (as in src/tensor/simd/join.ts): threads that get the
 * module have the code all the same.
 */
function joinedLoop(): Loop {
  const v8 = nodeModule('node:v8')!;
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes(JOIN));
  v8.setFlagsFromString(`--${JOIN}`);
  try {
    const wasm = moduleOf(RELAXED);
    const loop: Loop = {
      wasm,
      name: 'wideRounds',
      before: [SUMS],
      operations: 16 * instantiate(wasm).WIDE_OPERATIONS.value,
    };
    const run = runnerOf(loop);
    for (const end = performance.now() + HOT_MS; performance.now() < end;) run();
    return loop;
  } finally {
    if (!given) v8.setFlagsFromString(`--no-${JOIN}`);
  }
}

/** @throws UsageError where nothing of it runs */
function moduleOf(base64: string): WebAssembly.Module {
  if (bestSimdVariant() === undefined) {
    throw new UsageError(
      'bench: this JavaScript engine has no WebAssembly SIMD, with which the peak of a core is measured. Run it without --jitless.',
    );
  }
  return new WebAssembly.Module(Uint8Array.from(Buffer.from(base64, 'base64')));
}

function instantiate(wasm: WebAssembly.Module): LoopExports {
  const memory = createMemory(false) as WebAssembly.Memory;
  return new WebAssembly.Instance(wasm, { env: { memory } }).exports as unknown as LoopExports;
}
