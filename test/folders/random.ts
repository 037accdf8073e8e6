import { Random } from '../../src/tensor/random.ts';

/** The folders are the same on every machine and in every run. */
const SEED = 20_260_101;

/** The random stream of one piece of a folder. */
export function streamOf(folder: string, piece: number): Random {
  return Random.stream(SEED, `${folder} ${piece}`);
}

/** One of several, all equally likely. */
export function oneOf<const T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)];
}
