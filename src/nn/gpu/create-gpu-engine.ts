import { UsageError } from '../../errors.ts';
import type { GpuDevice } from '../../tensor/gpu/device.ts';
import { openGpu } from '../../tensor/gpu/open.ts';
import { probe } from '../../tensor/gpu/probe.ts';
import { GpuLimitError, GpuUnavailableError, HeapArena, type GpuBackend, type Random } from '../../tensor/index.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { Engine } from '../engine.ts';
import type { InTurns } from '../in-turns.ts';
import { initialiseInTurns } from '../initialise.ts';
import type { AdamSpec, OptimizerSpec } from '../optimizers/spec.ts';
import { ParameterSet, type NamedArrays } from '../parameters.ts';
import type { ModelSpec } from '../spec.ts';
import { assertFits, planEvaluationsFor, planStepsFor } from './fit.ts';
import { GpuEngine } from './gpu-engine.ts';
import { gpuWins, isKnownToGpu, unknownToGpu, type GpuKnowledge } from './knowledge.ts';
import { refuseFallback } from './what-ran.ts';

/**
 * The engine that trains through gpu.js, in the mode that `backend` names or, for `gpu`, in the best there is.
 *
 * @throws GpuUnavailableError when a package or the GPU is missing
 * @throws GpuLimitError when the model does not fit the device
 * @throws GpuFallbackError when gpu.js would run something else than `gpu` asks for
 * @throws UsageError when a number of threads is asked for, or model or optimizer are of a kind that its plans do not know
 */
export async function createGpuEngine(
  spec: ModelSpec,
  backend: GpuBackend,
  options: Omit<EngineOptions, 'backend'>,
): Promise<GpuEngine> {
  const { threads } = options;
  if (threads !== 'auto' && threads !== 1) {
    throw new UsageError(`--threads: gpu.js chooses how many it uses; give --backend ${backend} 1 or "auto", not ${threads}.`); // prettier-ignore
  }
  refuseUnknownParts(spec, backend);
  const { optimizer } = options;
  if (!isKnownToGpu(optimizer)) {
    const { kind, freeze = [] } = optimizer as OptimizerSpec;
    const part = freeze.length > 0 ? `freeze ${freeze.join(', ')}` : 'clip gradients by value';
    const what = kind === 'adam' ? part : `train with ${kind}, only with adam,`;
    throw new UsageError(
      `--backend ${backend}: the GPU engine cannot ${what} yet; --backend simd can, on any number of threads.`,
    );
  }
  return onDevice(await openGpu(backend), spec, backend, { ...options, optimizer });
}

function refuseUnknownParts(spec: ModelSpec, backend: GpuBackend): void {
  const parts = unknownToGpu(spec);
  if (parts.length === 0) return;
  throw new UsageError(
    `--backend ${backend}: the GPU engine cannot train a model with ${parts.join(' and ')} yet; --backend simd can, on any number of threads.`,
  );
}

async function onDevice(
  device: GpuDevice,
  spec: ModelSpec,
  backend: GpuBackend,
  { threads, init, inTurns, ...options }: Omit<EngineOptions, 'backend' | 'optimizer'> & { optimizer: AdamSpec },
): Promise<GpuEngine> {
  try {
    const shape = { batchSize: options.batchSize, steps: options.steps };
    assertFits(spec, shape, backend, device);
    const ran = await probe(device);
    const strict = backend === 'gpu';
    if (strict) refuseFallback(device, ran);
    const planSteps = options.planSteps ?? planStepsFor(spec, shape, device);
    const planEvaluations = planEvaluationsFor(spec, options.steps, device);
    const engine = new GpuEngine(device, spec, {
      ...options,
      planSteps,
      planEvaluations,
      threads: threads !== 1,
      strict,
      ran,
    });
    if (init) await engine.writeParameters(await drawnInTurns(spec, init, inTurns));
    return engine;
  } catch (error) {
    await device.dispose();
    throw error;
  }
}

async function drawnInTurns(spec: ModelSpec, init: Random, inTurns?: InTurns): Promise<NamedArrays> {
  const parameters = new ParameterSet(new HeapArena('float32'), spec);
  await initialiseInTurns(parameters, init, inTurns);
  return parameters.toArrays();
}

/** The GPU, where it is known to win at this size and is still the one that was measured; undefined everywhere else. */
export async function knownGpuEngine(
  spec: ModelSpec,
  options: EngineOptions,
  knowledge: GpuKnowledge,
): Promise<Engine | undefined> {
  const { batchSize } = options;
  const size = { batchSize, hiddenSize: spec.lstm.hiddenSize };
  if (!gpuWins(knowledge, size)) return undefined;
  if (unknownToGpu(spec).length > 0 || !isKnownToGpu(options.optimizer)) return undefined;
  try {
    const engine = await createGpuEngine(spec, knowledge.backend, options);
    if (engine.name.includes(knowledge.device)) return engine;
    await engine.dispose();
    options.onFallback?.(`what was measured was ${knowledge.device}, and here is ${engine.name}`);
  } catch (error) {
    if (!(error instanceof GpuUnavailableError || error instanceof GpuLimitError)) throw error;
    options.onFallback?.(error.message);
  }
  return undefined;
}
