import { expect } from 'vitest';

import type { Floats } from '../../src/tensor/index.ts';
import { largest } from './tolerances.ts';

/** An input of an operation, and what the operation's backward pass says of dL/d(input). */
export interface Differentiated {
  name: string;
  input: Floats;
  analytic: ArrayLike<number> & Iterable<number>;
}

/**
 * dL/d(input[at]) by the central difference of fourth order, (8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h. Written apart
 * from the one in `src/nn`, so that the two check one another.
 */
export function difference(loss: () => number, input: Floats, at: number, h: number): number {
  const kept = input[at];
  const value = (multiple: number): number => {
    input[at] = kept + multiple * h;
    return loss();
  };
  const slope = (8 * value(1) - 8 * value(-1) - value(2) + value(-2)) / (12 * h);
  input[at] = kept;
  return slope;
}

/**
 * Expects every analytic gradient to agree with differences of `loss` to `tolerance`, relative to the larger of both and of
 * a hundred-thousandth of the largest gradient involved (below which a difference is rounding).
 *
 * @param loss in float64, a function of the inputs alone
 */
export function expectGradients(loss: () => number, inputs: Differentiated[], tolerance = 1e-6, h = 1e-3): void {
  const floor = Math.max(1e-5 * Math.max(...inputs.map(({ analytic }) => largest(analytic))), 1e-9);
  for (const { name, input, analytic } of inputs) {
    expect(analytic.length, `d${name}: length`).toBe(input.length);
    for (let at = 0; at < input.length; at++) {
      const numeric = difference(loss, input, at, h);
      const error = Math.abs(analytic[at] - numeric) / Math.max(Math.abs(analytic[at]), Math.abs(numeric), floor);
      if (!(error <= tolerance)) {
        expect.fail(
          `d${name}[${at}]: ${analytic[at]} by the backward pass, ${numeric} by differences (off by ${error})`,
        );
      }
    }
  }
}
