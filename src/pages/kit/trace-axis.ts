import { trueMinus } from '../../text/numbers.ts';

/** An axis that is the same above nothing and below it. */
export interface TraceAxis {
  low: number;
  high: number;
  /** From the top down. */
  ticks: { value: number; text: string }[];
}

/** The axis of some curves: to 1 on both sides, or as far as the largest value goes, in round numbers. */
export function traceAxis(curves: readonly (ArrayLike<number> | undefined)[]): TraceAxis {
  let most = 1;
  for (const values of curves) {
    for (let k = 0; k < (values?.length ?? 0); k++) if (Math.abs(values![k]) > most) most = Math.abs(values![k]);
  }
  const high = roundUp(most);
  return { low: -high, high, ticks: [high, 0, -high].map((value) => ({ value, text: trueMinus(String(value)) })) };
}

/** The next of 1, 2, 3, 4, 5, 6, 8 and 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 3, 4, 5, 6, 8].find((each) => each * power >= value) ?? 10;
  return step * power;
}

/** An axis of powers of ten, for what is positive. */
export interface LogAxis {
  low: number;
  high: number;
  /** Where a value stands, from 0 (and below) at `low` to 1 at `high`. */
  part(value: number): number;
}

/** What is smaller than a hundred-millionth of the largest is as good as nothing. */
const LEAST_PART = 1e-8;

/** The axis for all positive values of some curves; undefined where there are none. */
export function logAxis(curves: readonly Iterable<number>[]): LogAxis | undefined {
  let [least, most] = [Infinity, 0];
  for (const values of curves) {
    for (const value of values) {
      if (value > 0 && value < Infinity) [least, most] = [Math.min(least, value), Math.max(most, value)];
    }
  }
  if (most === 0) return undefined;
  const low = Math.max(most * LEAST_PART, least);
  const span = Math.log(most / low) || 1;
  return { low, high: most, part: (value) => Math.max(0, 1 - Math.log(most / Math.max(value, low)) / span) };
}
