import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import type { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import type { Slot } from './slots.ts';
import { validateOptimizer, type OptimizerSpec } from './spec.ts';

/**
 * The optimizer of a spec.
 * @throws UsageError when the spec makes no sense
 */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  validateOptimizer(spec);
  switch (spec.kind) {
    case 'adam':
      return adam(spec);
    case 'adamw':
      return adamw(spec);
    case 'sgd':
      return sgd(spec);
    case 'rmsprop':
      return rmsprop(spec);
  }
}

/**
 * What the optimizer of a spec keeps for every weight.
 * @throws UsageError when the spec makes no sense
 */
export function keptBy(spec: OptimizerSpec): readonly Slot[] {
  return createOptimizer(spec).keeps;
}
