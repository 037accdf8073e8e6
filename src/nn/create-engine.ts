import { UsageError } from '../errors.ts';
import { nodeModule } from '../node-module.ts';
import {
  findSimdVariant,
  isGpuBackend,
  loadKernels,
  OutOfMemoryError,
  parseBackend,
  simdVariantFor,
  type SimdVariant,
} from '../tensor/index.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Engine } from './engine.ts';
import { LocalEngine } from './local-engine.ts';
import { estimateMemory } from './memory.ts';
import type { ModelSpec } from './spec.ts';
import { counted } from '../text/words.ts';

/** The most threads that can be asked for. */
const MAX_THREADS = 256;
/** WebAssembly's 32-bit memory, less the page that V8 keeps back. */
const MEMORY_LIMIT = 2 ** 32 - 2 ** 16;

/**
 * The engine for a choice of backend and threads; `Engine.name` says what it became.
 * @throws UsageError when the backend is unknown, or does not run here, or not with so many threads
 * @throws OutOfMemoryError when the model cannot fit, before anything is taken
 * @throws the reason of `inTurns.signal` when it is aborted
 */
export async function createEngine(spec: ModelSpec, options: EngineOptions): Promise<Engine> {
  const backend = parseBackend(options.backend);
  if (isGpuBackend(backend)) {
    // Neither gpu.js nor what we have around it is loaded unless somebody asks for it.
    const { createGpuEngine } = await import('./gpu/create-gpu-engine.ts');
    return createGpuEngine(spec, backend, options);
  }
  const { gpuKnowledge } = options;
  // Who asks for a number of threads does not mean a GPU.
  if (backend === 'auto' && gpuKnowledge && options.threads === 'auto') {
    const { knownGpuEngine } = await import('./gpu/create-gpu-engine.ts');
    const engine = await knownGpuEngine(spec, options, gpuKnowledge);
    if (engine) return engine;
  }
  const variant = await (options.brief ? simdVariantFor(backend) : findSimdVariant(backend));
  const threads = threadsFor(options, variant, hasOwnLoss(spec));
  if (variant) refuseTooLarge(spec, options, threads);
  if (variant && threads > 1) {
    const { ThreadedEngine } = await import('./threads/threaded-engine.ts');
    return ThreadedEngine.create(spec, { ...options, variant, threads }, options.inTurns);
  }
  return LocalEngine.create(
    spec,
    { ...options, kernels: await loadKernels(backend, { lasting: !options.brief }) },
    options.inTurns,
  );
}

function hasOwnLoss({ heads }: ModelSpec): boolean {
  return heads.some((head) => head.kind === 'numbers' && head.loss.kind === 'own');
}

/** @param alone whether the model holds a function of the caller's, which no other thread can be given */
function threadsFor({ threads, batchSize }: EngineOptions, variant: SimdVariant | undefined, alone: boolean): number {
  if (threads === 'auto') return variant && !alone ? Math.min(availableThreads(), batchSize) : 1;
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new UsageError(`--threads: expected a whole number from 1 to ${MAX_THREADS}, or "auto", got ${threads}.`);
  }
  if (threads > 1 && !canShareMemory()) {
    throw new UsageError(
      '--threads: this page is not isolated from others, so that its threads can share no memory. Serve it with the headers ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or take 1 or "auto".',
    );
  }
  if (threads > 1 && !variant) {
    throw new UsageError(
      '--threads: the reference backend runs on 1 thread. Use simd where there is WebAssembly SIMD, and elsewhere 1 thread.',
    );
  }
  if (threads > 1 && alone) {
    throw new UsageError('threads: a loss of your own runs on the thread that it was made on; use 1, or "auto".');
  }
  if (threads > batchSize) {
    throw new UsageError(
      `--threads: a batch of ${counted(batchSize, 'sequence')} cannot be divided among ${threads} threads.`,
    );
  }
  return threads;
}

/** The cores that this process may use; 1 where threads cannot share memory. */
function availableThreads(): number {
  if (!canShareMemory()) return 1;
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  const os = nodeModule('node:os');
  return os?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/** Always in Node, in a browser only where the page is cross-origin isolated. */
function canShareMemory(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer !== 'undefined' && crossOriginIsolated !== false;
}

function refuseTooLarge(spec: ModelSpec, { batchSize, steps, optimizer }: EngineOptions, threads: number): void {
  const { total } = estimateMemory(spec, { batchSize, steps }, threads, optimizer);
  if (total <= MEMORY_LIMIT) return;
  throw new OutOfMemoryError(
    `Training this model takes about ${(total / 1e9).toFixed(1)} GB (${total} bytes), and the SIMD backend's memory ends at ` +
      `${(MEMORY_LIMIT / 1e9).toFixed(1)} GB. Use a smaller batch, a shorter window or fewer hidden units.`,
  );
}
