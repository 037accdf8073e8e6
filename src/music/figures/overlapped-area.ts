import { least, most } from './statistics.ts';

/** Where densities are computed: so many places from the least distance to the greatest. */
const PLACES = 512;
/** A Gaussian is nothing beyond so many widths. */
const REACH = 8;

/**
 * How much alike two sets of a figure are: the area under both of two densities, that of the distances within the measure, and that of the
 * distances from the measure to the others. 1 when the others are as far from the measure as its pieces are from one another.
 *
 * Yang and Lerch, "On the evaluation of generative models in music" (2020), as their program MGEval has it: distances of all
 * ordered pairs, densities of Gaussians with Scott's width, from the least distance to the greatest. What is there
 * integrated adaptively is here a sum over some hundred places.
 *
 * @param measure a figure of each piece that is the measure
 * @param others the same of the others
 * @returns null when there are fewer than two pieces of the measure, or distances that do not vary
 */
export function overlappedArea(measure: readonly number[], others: readonly number[]): number | null {
  const within = measure.flatMap((a, i) => measure.filter((_, j) => i !== j).map((b) => Math.abs(a - b)));
  const between = measure.flatMap((a) => others.map((b) => Math.abs(a - b)));
  const widths = [scottWidth(within), scottWidth(between)];
  if (!widths.every((width) => width > 0)) return null;
  const from = Math.min(least(within), least(between));
  const step = (Math.max(most(within), most(between)) - from) / (PLACES - 1);
  const first = densityOf(within, widths[0], from, step);
  const second = densityOf(between, widths[1], from, step);
  let area = 0;
  for (let at = 0; at < PLACES; at++) {
    const height = Math.min(first[at], second[at]);
    area += at === 0 || at === PLACES - 1 ? height / 2 : height;
  }
  return area * step;
}

/** The width of the Gaussians: n^(-1/5) times the standard deviation (Scott 1992). NaN of fewer than two. */
function scottWidth(values: readonly number[]): number {
  const centre = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return values.length ** -0.2 * Math.sqrt(squares / (values.length - 1));
}

/** A Gaussian for each value, summed on a grid: each value is first divided between the two places that it is between. */
function densityOf(values: readonly number[], width: number, from: number, step: number): Float64Array {
  const counts = new Float64Array(PLACES + 1);
  for (const value of values) {
    const place = (value - from) / step;
    const below = Math.min(PLACES - 1, Math.floor(place));
    counts[below] += 1 - (place - below);
    counts[below + 1] += place - below;
  }
  const reach = Math.min(PLACES, Math.ceil((REACH * width) / step));
  const scale = 1 / (values.length * width * Math.sqrt(2 * Math.PI));
  const bell = Float64Array.from({ length: reach + 1 }, (_, d) => scale * Math.exp(-0.5 * ((d * step) / width) ** 2));
  return Float64Array.from({ length: PLACES }, (_, at) => {
    let sum = 0;
    for (let other = Math.max(0, at - reach); other <= Math.min(PLACES - 1, at + reach); other++) {
      sum += counts[other] * bell[Math.abs(at - other)];
    }
    return sum;
  });
}
