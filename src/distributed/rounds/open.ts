import { LocalEngine, type EngineOptions, type ModelSpec, type OptimizerSpec } from '../../nn/index.ts';
import { kernelsFor } from './kernels.ts';
import type { Machines } from './machines.ts';
import { RoundsEngine, type RoundReport } from './rounds-engine.ts';
import type { RoundSettings } from './settings.ts';

/**
 * The optimizer of the outer step: the run's own where the machines give gradients, else gradient descent with Nesterov momentum on
 * the differences, unclipped.
 */
export function outerOptimizer(
  { innerSteps, outerMomentum }: Pick<RoundSettings, 'innerSteps' | 'outerMomentum'>,
  own: OptimizerSpec,
): OptimizerSpec {
  if (innerSteps === 1) return own;
  const { freeze } = own;
  return {
    kind: 'sgd',
    momentum: outerMomentum,
    nesterov: outerMomentum > 0,
    clipNorm: null,
    ...(freeze && { freeze }),
  };
}

/**
 * The engine of a model that `machines` train; it has them from here on, and lets them go when it is disposed of.
 * @param options of the engine here, which evaluates and takes the outer steps on one thread; the optimizer is that of the run
 * @throws UsageError when the backend is unknown, or is none of KERNEL_BACKENDS, or does not run here
 */
export async function openRoundsEngine(
  spec: ModelSpec,
  options: EngineOptions,
  { machines, rounds, onRound }: { machines: Machines; rounds: RoundSettings; onRound?: (report: RoundReport) => void },
): Promise<RoundsEngine> {
  try {
    const kernels = await kernelsFor(options.backend);
    const optimizer = outerOptimizer(rounds, options.optimizer);
    const local = await LocalEngine.create(spec, { ...options, kernels, optimizer }, options.inTurns);
    return new RoundsEngine({ local, machines, rounds, onRound });
  } catch (thrown) {
    await machines.close();
    throw thrown;
  }
}
