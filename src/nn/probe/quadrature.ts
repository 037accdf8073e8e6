/** The places and weights of a rule that integrates over [0, 1]. */
export interface QuadratureRule {
  points: Float64Array;
  weights: Float64Array;
}

/**
 * The Gauss-Legendre rule of n points on [0, 1], exact for polynomials of degree 2n - 1: roots of the Legendre polynomial
 * by Newton's method from Chebyshev's places (Davis and Rabinowitz 1984, 2.7), weights 2 / ((1 - x²) P'(x)²), halved for the
 * shorter interval.
 */
export function gaussLegendre(n: number): QuadratureRule {
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let round = 0; round < 100; round++) {
      const [value, derivative] = legendre(n, x);
      slope = derivative;
      const step = value / derivative;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    points[k] = (1 - x) / 2;
    weights[k] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

/** P_n and its derivative at x, by the recurrence of three terms. */
function legendre(n: number, x: number): [value: number, derivative: number] {
  let [before, value] = [1, x];
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return [value, (n * (x * value - before)) / (x * x - 1)];
}

/**
 * The rule for an integrand that changes fast near 0 and hardly elsewhere: ∫ f(x) dx = ∫ f(s^power) · power · s^(power - 1) ds,
 * whose points are close together there.
 */
export function denseAtZero({ points, weights }: QuadratureRule, power: number): QuadratureRule {
  return {
    points: points.map((s) => s ** power),
    weights: weights.map((weight, k) => weight * power * points[k] ** (power - 1)),
  };
}
