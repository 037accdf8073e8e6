import { Random } from '../../tensor/index.ts';

/** What a setting that was drawn has to do with the loss. */
export interface Importance {
  /** The share of the variance of the runs' ranks by loss that lies between the values of the setting: from 0 to 1. */
  share: number;
  /** Of so many runs drawn again with replacement, the 5th and the 95th percentile of that share. */
  spread: readonly [low: number, high: number];
  /** The 95th percentile of the share where the losses are dealt to the runs at random. */
  chance: number;
  /** How often the share is as large as this by chance. */
  p: number;
}

/** With fewer runs nothing is said: any setting may seem to explain them. */
export const LEAST_RUNS = 8;

const PERMUTATIONS = 1999;
const DRAWS = 1000;
/** Values of a range are taken together in as many parts, with as many runs in each. */
const PARTS = 3;

/**
 * How much of the order of the runs each setting explains alone: eta squared over ranks (the statistic of Kruskal and Wallis 1952, divided by
 * n − 1), so that one run with a loss far above the others does not decide. Its p is of a permutation test, its spread of a bootstrap, both from a fixed
 * seed. Other settings vary at the same time; what two settings do together is not seen.
 *
 * @param losses of the runs
 * @param settings the values of each setting in the same order; numbers of more than {@link PARTS} values are taken together in thirds
 * @returns in the order of `settings`; undefined for fewer than {@link LEAST_RUNS} runs, and for settings of which there is one value
 */
export function importanceOf(
  losses: readonly number[],
  settings: readonly (readonly unknown[])[],
): (Importance | undefined)[] {
  const random = Random.stream(0, 'importance');
  const ranks = ranksOf(losses);
  return settings.map((values) => {
    const groups = groupsOf(values);
    const several = new Set(groups).size > 1;
    return losses.length < LEAST_RUNS || !several ? undefined : importanceOfOne(ranks, groups, random);
  });
}

function importanceOfOne(ranks: readonly number[], groups: readonly number[], random: Random): Importance {
  const share = etaSquared(ranks, groups);
  const dealt = Array.from({ length: PERMUTATIONS }, () => etaSquared(random.shuffle([...ranks]), groups));
  const drawn = Array.from({ length: DRAWS }, () => {
    const rows = ranks.map(() => random.integer(ranks.length));
    return etaSquared(ranksOf(rows.map((row) => ranks[row])), rows.map((row) => groups[row])); // prettier-ignore
  });
  // Of equal shares, as sums in another order have them, none is smaller.
  const asLarge = dealt.filter((each) => each >= share - 1e-9).length;
  return {
    share,
    spread: [quantile(drawn, 0.05), quantile(drawn, 0.95)],
    chance: quantile(dealt, 0.95),
    p: (asLarge + 1) / (PERMUTATIONS + 1),
  };
}

/** The variance between groups in parts of the whole; 0 where nothing varies. */
function etaSquared(values: readonly number[], groups: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const total = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const sums = new Map<number, { count: number; sum: number }>();
  values.forEach((value, k) => {
    const group = sums.get(groups[k]) ?? { count: 0, sum: 0 };
    sums.set(groups[k], { count: group.count + 1, sum: group.sum + value });
  });
  const between = [...sums.values()].reduce((all, { count, sum }) => all + count * (sum / count - mean) ** 2, 0);
  return total === 0 ? 0 : between / total;
}

/** Which group each run is in: one for each value, or one for each third of the runs by a value that is a number. */
function groupsOf(values: readonly unknown[]): number[] {
  const distinct = [...new Set(values)];
  if (distinct.length <= PARTS || !values.every((value) => typeof value === 'number')) {
    return values.map((value) => distinct.indexOf(value));
  }
  const ranks = ranksOf(values);
  return ranks.map((rank) => Math.min(PARTS - 1, Math.floor(((rank - 0.5) / values.length) * PARTS)));
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, k) => k).sort((a, b) => values[a] - values[b]);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let k = from; k <= to; k++) ranks[order[k]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.round(part * (sorted.length - 1))];
}
