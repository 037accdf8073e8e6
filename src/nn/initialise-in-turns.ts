import { bestSimdVariant, loadSimd, SimdKernels, type Kernels, type Random } from '../tensor/index.ts';
import { inTurns, type InTurns } from './in-turns.ts';
import { FEW_VECTORS } from './orthogonal.ts';
import type { ParameterSet } from './parameters.ts';

/**
 * Draws starting values for all parameters, in order, from the stream `init`, without keeping the thread. Products run on one build
 * of the kernels, plain SIMD, whatever will train the model: so all engines begin with the same weights.
 * @throws the reason of `signal` when it is aborted; some parameters have their values then and others not
 */
export async function initialiseInTurns(parameters: ParameterSet, random: Random, options?: InTurns): Promise<void> {
  await inTurns(parameters.initialPieces(random, await productKernels(parameters)), options);
}

/** Nothing where nothing is multiplied, or there is no SIMD. */
async function productKernels({ specs }: ParameterSet): Promise<Kernels | undefined> {
  const large = specs.some(
    ({ initializer, shape }) => initializer === 'orthogonal' && Math.min(...shape) > FEW_VECTORS,
  );
  return large && bestSimdVariant() ? new SimdKernels(await loadSimd('plain')) : undefined;
}
