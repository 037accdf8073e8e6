import { UsageError } from '../errors.ts';
import type { Batch } from './batch.ts';
import { weightedLoss, type Engine, type StepResult } from './engine.ts';

/** An engine that hands its gradients out. */
export type GradientEngine = Engine & Required<Pick<Engine, 'gradientOf' | 'applyGradient'>>;

/** @throws UsageError unless the engine hands its gradients out */
export function withGradients(engine: Engine): GradientEngine {
  if (engine.gradientOf && engine.applyGradient) return engine as GradientEngine;
  throw new UsageError(
    `--accumulate: the engine ${engine.name} does not hand its gradients out; use --backend simd, or a larger batch.`,
  );
}

/**
 * One training step on several batches of one size, as if they were a single one: its losses and its gradient are means over
 * the batches, which are means over their rows. The sum is formed in double precision.
 *
 * @throws NonFiniteError as `trainStep`; dropout has drawn for the batches before the one that failed
 */
export async function accumulatedStep(
  engine: GradientEngine,
  batches: readonly Batch[],
  learningRate: number,
): Promise<StepResult> {
  const losses = engine.spec.heads.map(() => 0);
  let sum: Float64Array | undefined;
  for (const batch of batches) {
    const { result, gradients } = await engine.gradientOf(batch);
    result.losses.forEach((loss, head) => (losses[head] += loss / batches.length));
    sum ??= new Float64Array(gradients.length);
    for (let j = 0; j < sum.length; j++) sum[j] += gradients[j];
  }
  const mean = Float32Array.from(sum!, (total) => total / batches.length);
  const { gradientNorm, clipped } = await engine.applyGradient(mean, learningRate);
  return { losses, loss: weightedLoss(engine.spec, losses), gradientNorm, clipped };
}
