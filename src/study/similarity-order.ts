import { correlationMatrix } from './statistics/correlation.ts';
import { standardise } from './statistics/moments.ts';

/** Steps beyond this many do not change the order for the eye, but cost. */
const MOST_STEPS = 1000;

/**
 * The units of a layer in an order in which like stands beside like: hierarchical clustering with average linkage, the
 * distance of two units being 1 - |r| of their outputs (a unit and its mirror image say the same), and the leaves of each
 * join turned so that the nearest ends meet (Bar-Joseph et al. 2001 do this optimally; here it is done greedily).
 *
 * @param h outputs, [steps * size]
 */
export function similarityOrder(h: ArrayLike<number>, size: number): number[] {
  if (size === 0) return [];
  const stride = Math.max(1, Math.ceil(h.length / size / MOST_STEPS));
  const length = Math.ceil(Math.floor(h.length / size) / stride);
  const columns = Array.from({ length: size }, (_, unit) =>
    standardise(Float64Array.from({ length }, (_, k) => h[k * stride * size + unit])),
  );
  const distance = correlationMatrix(columns).map((r) => 1 - Math.abs(r));
  return joinAll(distance, size);
}

interface Cluster {
  /** Its leaves from one end to the other. */
  leaves: number[];
  /** Whether it has not been joined to another. */
  alive: boolean;
}

/**
 * Joins the two nearest clusters until one is left, in O(size²) by following nearest neighbours (Murtagh 1983). Average
 * linkage is reducible, so the tree is that of always joining the nearest pair.
 */
function joinAll(distance: Float64Array, size: number): number[] {
  const between = distance.slice();
  const clusters: Cluster[] = Array.from({ length: size }, (_, unit) => ({ leaves: [unit], alive: true }));
  const chain: number[] = [];
  for (let joins = 0; joins < size - 1;) {
    if (chain.length === 0) chain.push(clusters.findIndex(({ alive }) => alive));
    const a = chain[chain.length - 1];
    const before = chain.length > 1 ? chain[chain.length - 2] : -1;
    const b = nearestTo(a, before, clusters, between, size);
    if (b !== before) {
      chain.push(b);
      continue;
    }
    chain.length -= 2;
    join(Math.min(a, b), Math.max(a, b), clusters, between, distance, size);
    joins++;
  }
  return clusters.find(({ alive }) => alive)!.leaves;
}

/** The nearest living cluster; `before` wins a draw, so that the chain ends. */
function nearestTo(a: number, before: number, clusters: Cluster[], between: Float64Array, size: number): number {
  let best = before;
  for (let b = 0; b < size; b++) {
    if (b === a || !clusters[b].alive) continue;
    if (best < 0 || between[a * size + b] < between[a * size + best]) best = b;
  }
  return best;
}

/** Joins b into a. The new distances are the means over pairs of leaves (Lance and Williams 1967). */
function join(
  a: number,
  b: number,
  clusters: Cluster[],
  between: Float64Array,
  leaves: Float64Array,
  size: number,
): void {
  const [nA, nB] = [clusters[a].leaves.length, clusters[b].leaves.length];
  for (let k = 0; k < size; k++) {
    if (k === a || k === b || !clusters[k].alive) continue;
    const mean = (nA * between[a * size + k] + nB * between[b * size + k]) / (nA + nB);
    between[a * size + k] = mean;
    between[k * size + a] = mean;
  }
  clusters[a].leaves = nearestEndsMeet(clusters[a].leaves, clusters[b].leaves, leaves, size);
  clusters[b].alive = false;
}

function nearestEndsMeet(a: number[], b: number[], leaves: Float64Array, size: number): number[] {
  const back = (units: number[]): number[] => [...units].reverse();
  const ways = [
    [a, b],
    [a, back(b)],
    [back(a), b],
    [back(a), back(b)],
  ];
  const gap = ([left, right]: number[][]): number => leaves[left[left.length - 1] * size + right[0]];
  return ways.reduce((best, way) => (gap(way) < gap(best) ? way : best)).flat();
}
