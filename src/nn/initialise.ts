import { bestSimdVariant, loadKernels, type Kernels, type Random } from '../tensor/index.ts';
import { atOnce, inTurns, within, type InTurns, type Pieces } from './in-turns.ts';
import { initialCost, initialPieces } from './initializers.ts';
import { FEW_VECTORS } from './orthogonal.ts';
import type { ParameterSet } from './parameters.ts';

/**
 * Draws starting values for all parameters, in order, from the stream `init`. With more than 256 units this takes long, and
 * {@link initialiseInTurns} much less.
 */
export function initialise(parameters: ParameterSet, random: Random): void {
  atOnce(piecesOf(parameters, random));
}

/**
 * Draws starting values for all parameters, in order, from the stream `init`, without keeping the thread. Products run on one build
 * of the kernels, plain SIMD, whatever will train the model: so all engines begin with the same weights.
 * @throws the reason of `signal` when it is aborted; some parameters have their values then and others not
 */
export async function initialiseInTurns(parameters: ParameterSet, random: Random, options?: InTurns): Promise<void> {
  await inTurns(piecesOf(parameters, random, await productKernels(parameters)), options);
}

/** Nothing where nothing is multiplied, or there is no SIMD. */
async function productKernels({ specs }: ParameterSet): Promise<Kernels | undefined> {
  const large = specs.some(
    ({ initializer, shape }) => initializer === 'orthogonal' && Math.min(...shape) > FEW_VECTORS,
  );
  return large && bestSimdVariant() ? loadKernels('simd-plain') : undefined;
}

/** For `products` see `orthogonalPieces`. */
function* piecesOf(parameters: ParameterSet, random: Random, products?: Kernels): Pieces<void> {
  const costs = parameters.specs.map(initialCost);
  const whole = costs.reduce((sum, cost) => sum + cost, 0);
  let done = 0;
  for (const [index, spec] of parameters.specs.entries()) {
    const upTo = done + costs[index];
    const values = yield* within(initialPieces(spec, random, products), done / whole, upTo / whole);
    parameters.get(spec.name).data.set(values);
    done = upTo;
    yield done / whole;
  }
}
