import { randomBatch, type ModelSpec, type Sequence } from '../../src/nn/index.ts';
import { Random } from '../../src/tensor/index.ts';

/** Pieces of noise of these lengths, with a target at every step. */
export function randomPieces(spec: ModelSpec, lengths: readonly number[], seed: number): Sequence[] {
  return lengths.map((length, k) => {
    const { categories, features, targets } = randomBatch(spec, 1, length, Random.stream(seed + k, 'batch'));
    return { length, categories, features, targets: targets! };
  });
}
