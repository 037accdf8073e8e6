/** An exact length or place in time, in whole notes: 1/8 is an eighth. In lowest terms, `d` above 0. */
export interface Fraction {
  readonly n: number;
  readonly d: number;
}

export const ZERO: Fraction = { n: 0, d: 1 };

/** n/d in lowest terms; n an integer of 0 or more, d of 1 or more. */
export function fraction(n: number, d: number): Fraction {
  const common = greatestCommonDivisor(n, d);
  return { n: n / common, d: d / common };
}

export function add(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return fraction(a.n * b.n, a.d * b.d);
}

export function equal(a: Fraction, b: Fraction): boolean {
  return a.n === b.n && a.d === b.d;
}

/** As people write it: 3/8, 1, 0. */
export function show(a: Fraction): string {
  return a.d === 1 ? String(a.n) : `${a.n}/${a.d}`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
