import { studentTwoSided } from './statistics/student-t.ts';
import { standardise } from './statistics/moments.ts';

/** Residuals as small as this part of the whole are rounding: the series is a straight line. */
const STRAIGHT = 1e-9;

/** How a series goes with the passing of time. */
export interface Trend {
  /** Pearson's correlation with the position. */
  r: number;
  /** The chance of so strong a trend in one series without any. */
  p: number;
}

/**
 * Whether a series has a trend. Labels that are moved do not tell: a trend that is moved is no trend, and whatever drifts slowly
 * follows the real one better. So Student's test of the correlation is made with as many independent values as what the
 * straight line leaves has, n (1 - φ) / (1 + φ), φ being the correlation of neighbours in it (Santer et al. 2000).
 */
export function trendOf(series: ArrayLike<number>): Trend {
  const n = series.length;
  const values = standardise(series);
  // The positions, standardised: their mean is (n - 1) / 2, their variance (n² - 1) / 12.
  const [middle, spread] = [(n - 1) / 2, n > 1 ? Math.sqrt((n * n - 1) / 12) : 1];
  let r = 0;
  for (let k = 0; k < n; k++) r += values[k] * (k - middle);
  r /= spread * Math.max(1, n);
  let [squares, products, before] = [0, 0, 0];
  for (let k = 0; k < n; k++) {
    const residual = values[k] - (r * (k - middle)) / spread;
    squares += residual * residual;
    products += residual * before;
    before = residual;
  }
  const neighbours = squares > STRAIGHT * n ? Math.min(1, Math.max(0, products / squares)) : 0;
  const freedom = (n * (1 - neighbours)) / (1 + neighbours) - 2;
  if (!(freedom > 0) || !(Math.abs(r) > 0)) return { r, p: 1 };
  return { r, p: studentTwoSided(r * Math.sqrt(freedom / Math.max(1e-300, 1 - r * r)), freedom) };
}
