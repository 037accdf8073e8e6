import { UsageError } from '../../errors.ts';
import { nodeModule, nodeProcess } from '../../node-module.ts';
import { upperClearer } from './clear-upper.ts';
import type { SimdExports } from './exports.ts';
import { wideObstacle } from './variant.ts';
import { warmUp } from './warm-up.ts';
import { createMemory } from './wasm-arena.ts';

const JOIN = 'experimental-wasm-revectorize';
/** V8's own, and one with which it optimises a function as soon as it has been called. */
const TIERING_BUDGET = 13_000_000;
const NO_TIERING_BUDGET = 1;
/** Optimised code is made in the background, in some milliseconds a function. By then it is there, in milliseconds from now. */
const PATIENCE = 2_000;

/** How many modules were compiled whose optimised code may still be in the making. */
let compiling = 0;

/**
 * Compiles the wide build so that V8 joins its pairs, and calls every kernel until it has done so.
 *
 * V8's flag holds for a whole process and is looked at when a function is optimised. So it is set here, every kernel is made
 * to be optimised at once, and a moment later the flag is taken back: no other module of the process is compiled with it.
 * Whoever gets the module afterwards, also in another thread, has the optimised code.
 *
 * @param shared whether the module was made for a memory that several threads use
 * @throws UsageError where this cannot be: see {@link wideObstacle}
 */
export function compileWide(bytes: Uint8Array<ArrayBuffer>, shared: boolean): WebAssembly.Module {
  const obstacle = wideObstacle();
  if (obstacle) throw new UsageError(`The wide kernels cannot run: ${obstacle}.`);
  compiling++;
  setV8Flag(`--${JOIN}`);
  try {
    return compileHot(bytes, shared);
  } finally {
    stopJoiningSoon();
  }
}

/** Compiles kernels and has all of them optimised at once, in the background, instead of when they have worked for a while. */
export function compileHot(bytes: Uint8Array<ArrayBuffer>, shared: boolean): WebAssembly.Module {
  setV8Flag(`--wasm-tiering-budget=${NO_TIERING_BUDGET}`);
  try {
    const module = new WebAssembly.Module(bytes);
    const imports = { env: { memory: createMemory(shared) as WebAssembly.Memory } };
    warmUp(new WebAssembly.Instance(module, imports).exports as unknown as SimdExports);
    upperClearer()();
    return module;
  } finally {
    setV8Flag(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  }
}

function setV8Flag(flag: string): void {
  nodeModule('node:v8')?.setFlagsFromString(flag);
}

/** Takes the flag back when the background has done its work, unless somebody compiles again or had set it himself. */
function stopJoiningSoon(): void {
  const { execArgv, env } = nodeProcess()!;
  const wanted = [...execArgv, env.NODE_OPTIONS ?? ''].some((option) => option.includes(JOIN));
  const timer = setTimeout(() => {
    compiling--;
    if (compiling === 0 && !wanted) setV8Flag(`--no-${JOIN}`);
  }, PATIENCE) as unknown as { unref(): void };
  timer.unref();
}
