import type { StudySpan } from './study-data.ts';

/** What a span is told from, [steps * size] each; a recording of a layer has it. */
export interface GateActivity {
  size: number;
  i: ArrayLike<number>;
  f: ArrayLike<number>;
  g: ArrayLike<number>;
}

/** Less than this of what a unit ever wrote at once is no writing. */
const SMALLEST_SHARE = 1e-6;

/**
 * How long each unit of a layer keeps what it writes. What enters a cell at step t is i·g; after k more steps f(t+1)···f(t+k)
 * of it is left. Each writing counts by its size |i·g|, and lasts until half of it is left; the span is the median of that. A
 * writing that the song's end cuts off counts as far as it was seen (the estimator of Kaplan and Meier, 1958), so that a
 * unit that keeps things to the end is not taken for a forgetful one.
 *
 * @param start seconds at which each step's note begins
 */
export function memorySpans(layer: GateActivity, start: ArrayLike<number>): StudySpan[] {
  return Array.from({ length: layer.size }, (_, unit) => spanOf(layer, unit, start));
}

function spanOf({ size, i, f, g }: GateActivity, unit: number, start: ArrayLike<number>): StudySpan {
  const steps = Math.floor(f.length / size);
  // kept[t]: the sum of -ln f up to step t; what is written at t is half gone where it has risen by ln 2.
  const kept = new Float64Array(steps);
  const written = new Float64Array(steps);
  let largest = 0;
  for (let t = 0; t < steps; t++) {
    const at = t * size + unit;
    kept[t] = (t > 0 ? kept[t - 1] : 0) - Math.log(Math.max(f[at], Number.MIN_VALUE));
    written[t] = Math.abs(i[at] * g[at]);
    largest = Math.max(largest, written[t]);
  }
  const lives = livesOf(kept, written, largest * SMALLEST_SHARE, start);
  const longest = lives.reduce(
    (most, life) => ({ steps: Math.max(most.steps, life.steps), seconds: Math.max(most.seconds, life.seconds) }),
    { steps: 0, seconds: 0 },
  );
  const meanDecay = steps > 1 ? (kept[steps - 1] - kept[0]) / (steps - 1) : 0;
  return {
    steps: medianLife(lives, 'steps'),
    seconds: medianLife(lives, 'seconds'),
    atLeastSteps: longest.steps,
    atLeastSeconds: longest.seconds,
    meanHalfLife: meanDecay > 1e-9 ? Math.LN2 / meanDecay : null,
  };
}

/** How long one writing was seen to last. */
interface Life {
  weight: number;
  steps: number;
  seconds: number;
  /** Whether its half was seen to go; otherwise the song ended before. */
  ended: boolean;
}

function livesOf(kept: Float64Array, written: Float64Array, least: number, start: ArrayLike<number>): Life[] {
  const steps = kept.length;
  const lives: Life[] = [];
  let end = 0;
  for (let t = 0; t < steps; t++) {
    end = Math.max(end, t);
    // The tolerance is for f = ½ in float32: half is half.
    while (end < steps && kept[end] - kept[t] < Math.LN2 * (1 - 1e-6)) end++;
    if (!(written[t] > least)) continue;
    const ended = end < steps;
    const until = ended ? end : steps - 1;
    lives.push({ weight: written[t], steps: until - t, seconds: start[until] - start[t], ended });
  }
  return lives;
}

/** The time at which the weighted Kaplan-Meier curve falls to a half, or null when it never does. */
function medianLife(lives: readonly Life[], by: 'steps' | 'seconds'): number | null {
  // Of equal times, endings come before losses from sight.
  const sorted = [...lives].sort((a, b) => a[by] - b[by] || Number(b.ended) - Number(a.ended));
  let atRisk = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let left = 1;
  for (let k = 0; k < sorted.length;) {
    const time = sorted[k][by];
    let ended = 0;
    let gone = 0;
    for (; k < sorted.length && sorted[k][by] === time; k++) {
      gone += sorted[k].weight;
      if (sorted[k].ended) ended += sorted[k].weight;
    }
    if (ended > 0) left *= 1 - Math.min(1, ended / atRisk);
    if (left <= 0.5 + 1e-9) return time;
    atRisk -= gone;
  }
  return null;
}
