/**
 * What the study computes fast, as plainly as it can be written: the references that tests hold the fast ways against.
 *
 * @module
 */
import type { Label } from '../../src/study/labels.ts';
import type { Permutation } from '../../src/study/permutation-test.ts';
import type { GateActivity } from '../../src/study/spans.ts';
import { columnOf, standardise } from '../../src/study/statistics/moments.ts';

/** How long a writing was seen to last, and whether its half was seen to go. */
interface Life {
  weight: number;
  time: number;
  ended: boolean;
}

/** The median time until half of what a unit writes is gone, by sorting its lives one by one. */
export function plainMedianSpan(
  { size, gates: { i, f, g } }: GateActivity,
  unit: number,
  times: ArrayLike<number>,
): number | null {
  const column = (of: ArrayLike<number>): Float64Array => columnOf(of, size, unit);
  const [input, forget, candidate] = [i!, f!, g!].map(column);
  const written = input.map((value, t) => Math.abs(value * candidate[t]));
  const least = 1e-6 * written.reduce((most, value) => Math.max(most, value), 0);
  const lives: Life[] = [];
  written.forEach((weight, begin) => {
    if (!(weight > least)) return;
    let [left, end] = [0, begin];
    while (end < written.length && left < Math.LN2 * (1 - 1e-6)) left -= Math.log(forget[++end]);
    const ended = end < written.length;
    const last = ended ? end : written.length - 1;
    lives.push({ weight, time: times[last] - times[begin], ended });
  });
  let surviving = 1;
  for (const time of [...new Set(lives.map((life) => life.time))].sort((a, b) => a - b)) {
    const atRisk = sumOf(lives.filter((life) => life.time >= time));
    surviving *= 1 - sumOf(lives.filter((life) => life.time === time && life.ended)) / atRisk;
    if (surviving <= 0.5 + 1e-9) return time;
  }
  return null;
}

function sumOf(lives: readonly Life[]): number {
  return lives.reduce((sum, { weight }) => sum + weight, 0);
}

/** The correlation of a series with a label whose values a permutation has moved: r, or for classes the correlation ratio. */
export function plainStatistic(series: ArrayLike<number>, label: Label, move: Permutation): number {
  const values = standardise(series);
  const notes = values.length;
  if (label.kind === 'number') {
    const moved = standardise(label.values);
    return values.reduce((sum, value, note) => sum + value * moved[move[note]], 0) / notes;
  }
  const explained = label.names.reduce((sum, _, group) => {
    const members = values.filter((__, note) => label.groups[move[note]] === group);
    const total = members.reduce((all, value) => all + value, 0);
    return sum + (members.length > 0 ? total ** 2 / members.length : 0);
  }, 0);
  return Math.sqrt(explained / notes);
}
