import { figure } from './words.ts';

/** An axis that is the same above nothing and below it. */
export interface TraceAxis {
  low: number;
  high: number;
  /** From the top down. */
  ticks: { value: number; text: string }[];
}

/** The axis for some curves of a unit: to 1 on both sides, or as far as the largest value goes, in round numbers. */
export function traceAxis(curves: readonly (ArrayLike<number> | undefined)[]): TraceAxis {
  let most = 1;
  for (const values of curves) {
    for (let k = 0; k < (values?.length ?? 0); k++) if (Math.abs(values![k]) > most) most = Math.abs(values![k]);
  }
  const high = roundUp(most);
  return { low: -high, high, ticks: [high, 0, -high].map((value) => ({ value, text: figure(value) })) };
}

/** The next of 1, 2, 3, 4, 5, 6, 8 and 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 3, 4, 5, 6, 8].find((each) => each * power >= value) ?? 10;
  return step * power;
}
