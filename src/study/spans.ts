import { lowerBound } from '../lower-bound.ts';
import type { Gate } from '../nn/index.ts';
import type { StudySpan } from './study-data.ts';

/** What a span is told from, [steps * size] each; a recording of a layer has it. */
export interface GateActivity {
  size: number;
  gates: Partial<Record<Gate, ArrayLike<number>>>;
}

/** What a gated unit keeps of its state at each step, and the size of what it writes to it, in the units of a layer. */
interface Keeping {
  kept: ArrayLike<number>;
  written: (at: number) => number;
}

/** Of an LSTM f is kept and i·g is written, of a GRU z and (1 - z)·n; an RNN has no gate that keeps anything. */
function keepingOf({ i, f, g, z, n }: GateActivity['gates']): Keeping | undefined {
  if (i && f && g) return { kept: f, written: (at) => Math.abs(i[at] * g[at]) };
  if (z && n) return { kept: z, written: (at) => Math.abs((1 - z[at]) * n[at]) };
  return undefined;
}

/** Less than this of what a unit ever wrote at once is no writing. */
const SMALLEST_SHARE = 1e-6;

/**
 * How long each unit of a layer keeps what it writes. What enters the cell of an LSTM at step t is i·g; after k more steps
 * f(t+1)···f(t+k) of it is left. Of a GRU (1 - z)·n enters the output, and z(t+1)···z(t+k) of it is left. Each writing counts by its size |i·g|, and lasts until half of it is left; the span is the median of that. A
 * writing that the song's end cuts off counts as far as it was seen (the estimator of Kaplan and Meier, 1958), so that a
 * unit that keeps things to the end is not taken for a forgetful one.
 *
 * @param start seconds at which each step's note begins
 * @returns one for each unit; undefined of an RNN, which has no gate that keeps anything
 */
export function memorySpans({ size, gates }: GateActivity, start: ArrayLike<number>): StudySpan[] | undefined {
  const keeping = keepingOf(gates);
  if (!keeping) return undefined;
  const lives = new Lives(Math.floor(keeping.kept.length / Math.max(1, size)));
  return Array.from({ length: size }, (_, unit) => spanOf(keeping, size, unit, start, lives));
}

function spanOf(keeping: Keeping, size: number, unit: number, start: ArrayLike<number>, lives: Lives): StudySpan {
  const steps = Math.floor(keeping.kept.length / size);
  // kept[t]: the sum of -ln f up to step t; what is written at t is half gone where it has risen by ln 2.
  const kept = new Float64Array(steps);
  const written = new Float64Array(steps);
  let largest = 0;
  for (let t = 0, at = unit; t < steps; t++, at += size) {
    kept[t] = (t > 0 ? kept[t - 1] : 0) - Math.log(Math.max(keeping.kept[at], Number.MIN_VALUE));
    written[t] = keeping.written(at);
    largest = Math.max(largest, written[t]);
  }
  lives.follow(kept, written, largest * SMALLEST_SHARE, start);
  const meanDecay = steps > 1 ? (kept[steps - 1] - kept[0]) / (steps - 1) : 0;
  return {
    steps: lives.medianSteps(),
    seconds: lives.medianSeconds(),
    atLeastSteps: lives.longest(lives.steps),
    atLeastSeconds: lives.longest(lives.seconds),
    meanHalfLife: meanDecay > 1e-9 ? Math.LN2 / meanDecay : null,
  };
}

/** How long each writing of a unit was seen to last, the numbers of life k at place k of each column. */
class Lives {
  /** How many there are; the columns go on with those of the unit before. */
  count = 0;
  readonly steps: Float64Array;
  readonly seconds: Float64Array;
  readonly #weight: Float64Array;
  /** 1 where its half was seen to go; otherwise the song ended before. */
  readonly #ended: Uint8Array;
  /** By place in time: the weight that was seen to go then, and all that was seen until then. */
  readonly #going: Float64Array;
  readonly #gone: Float64Array;

  /** @param most there are never more */
  constructor(most: number) {
    const column = (): Float64Array => new Float64Array(most);
    [this.steps, this.seconds, this.#weight, this.#going, this.#gone] = Array.from({ length: 5 }, column);
    this.#ended = new Uint8Array(most);
  }

  follow(kept: Float64Array, written: Float64Array, least: number, start: ArrayLike<number>): void {
    const length = kept.length;
    let end = 0;
    this.count = 0;
    for (let t = 0; t < length; t++) {
      end = Math.max(end, t);
      // The tolerance is for f = ½ in float32: half is half.
      while (end < length && kept[end] - kept[t] < Math.LN2 * (1 - 1e-6)) end++;
      if (!(written[t] > least)) continue;
      const until = end < length ? end : length - 1;
      const k = this.count++;
      this.#weight[k] = written[t];
      this.steps[k] = until - t;
      this.seconds[k] = start[until] - start[t];
      this.#ended[k] = end < length ? 1 : 0;
    }
  }

  longest(times: Float64Array): number {
    return times.subarray(0, this.count).reduce((most, time) => Math.max(most, time), 0);
  }

  medianSteps(): number | null {
    return this.#median(
      (life) => this.steps[life],
      (place) => place,
    );
  }

  medianSeconds(): number | null {
    // Numbers sort much faster than lives do. A life has the first of the places that its time has among them.
    const sorted = this.seconds.slice(0, this.count).sort();
    return this.#median(
      (life) => lowerBound(sorted, this.seconds[life]),
      (place) => sorted[place],
    );
  }

  /**
   * The time at which the weighted Kaplan-Meier curve falls to a half, or null when it never does.
   * @param placeOf the place of a life's time among all times, from the shortest on
   */
  #median(placeOf: (life: number) => number, timeAt: (place: number) => number): number | null {
    const [going, gone] = [this.#going.fill(0), this.#gone.fill(0)];
    let atRisk = 0;
    for (let k = 0; k < this.count; k++) {
      const place = placeOf(k);
      const weight = this.#weight[k];
      atRisk += weight;
      gone[place] += weight;
      if (this.#ended[k] === 1) going[place] += weight;
    }
    let left = 1;
    for (let place = 0; place < gone.length; place++) {
      if (gone[place] === 0) continue;
      // Of equal times, endings come before losses from sight.
      if (going[place] > 0) left *= 1 - Math.min(1, going[place] / atRisk);
      if (left <= 0.5 + 1e-9) return timeAt(place);
      atRisk -= gone[place];
    }
    return null;
  }
}
