import type { Tick } from '../../plot/ticks.ts';
import { trueMinus } from '../../text/numbers.ts';

/** The steps of ticks, within a power of ten. */
const STEPS = [1, 2, 5, 10];

/**
 * About `count` round values from `from` to `to`, labelled with as many decimals as they need. The pictures' `linearTicks` says more
 * (exponents, formats) and brings d3 with it, which is most of a small program.
 * @param whole only whole numbers
 */
export function roundTicks(from: number, to: number, count: number, whole = false): Tick[] {
  const wished = (to - from) / Math.max(1, count);
  if (!(wished > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(wished));
  // The step whose ratio to what is wished is nearest to 1.
  const nearest = STEPS.reduce((best, step) =>
    Math.abs(Math.log((step * power) / wished)) < Math.abs(Math.log((best * power) / wished)) ? step : best,
  );
  const step = whole ? Math.max(1, Math.round(nearest * power)) : nearest * power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => {
    const value = (first + k) * step;
    return { value, label: trueMinus((value === 0 ? 0 : value).toFixed(decimals)) };
  });
}
