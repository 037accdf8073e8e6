import type { ScaleContinuousNumeric } from 'd3-scale';
import { scaleLinear, scaleLog } from 'd3-scale';
import { FONT_SIZE } from './picture.ts';
import { textWidth } from './svg.ts';
import { trueMinus } from '../text/numbers.ts';

export type Scale = ScaleContinuousNumeric<number, number>;

/** A place on an axis, in units of the data, with what is written there. */
export interface Tick {
  value: number;
  label: string;
}

/** What a picture can show: beyond these numbers the arithmetic of scales overflows. */
const [TINY, HUGE] = [1e-100, 1e100];

/** `value`, or NaN where a scale cannot show it: not finite, beyond 1e100, or not positive where that is `logarithmic`. */
export function showable(value: number, logarithmic = false): number {
  if (!(Math.abs(value) <= HUGE)) return NaN;
  if (value < TINY && logarithmic) return NaN;
  return Math.abs(value) < TINY ? 0 : value;
}

/** The smallest and the largest value that can be shown; [0, 1] where there is none. A single value gets room on both sides. */
export function extent(values: Iterable<number>, logarithmic = false): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    const shown = showable(value, logarithmic);
    if (shown < low) low = shown; // false for NaN
    if (shown > high) high = shown;
  }
  if (low > high) return logarithmic ? [0.1, 1] : [0, 1];
  if (low < high) return [low, high];
  if (logarithmic) return [low / 2, high * 2];
  const room = Math.abs(low) * 0.05 || 1;
  return [low - room, high + room];
}

/** A scale from `domain`, widened to round numbers, to `range`. */
export function niceScale(
  domain: [number, number],
  range: [number, number],
  count: number,
  logarithmic = false,
): Scale {
  if (!logarithmic) return scaleLinear().domain(domain).range(range).nice(count);
  // Rounding to whole decades would waste most of the picture on a curve that falls from 3 to 2.
  if (domain[1] / domain[0] >= 10) return scaleLog().domain(domain).range(range).nice();
  return scaleLog()
    .domain([domain[0] * 0.97, domain[1] * 1.03])
    .range(range);
}

/** Numbers beyond these are written with an exponent. */
const [LEAST_IN_FULL, GREATEST_IN_FULL] = [1e-4, 1e7];

/** About `count` round values of a linear scale, labelled with as many decimals as they need. */
export function linearTicks(scale: Scale, count: number, wholeOnly = false): Tick[] {
  const values = scale.ticks(count);
  const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const inFull = greatest === 0 || (greatest >= LEAST_IN_FULL && greatest < GREATEST_IN_FULL);
  const format = scale.tickFormat(count, inFull ? undefined : 'e');
  if (wholeOnly && !values.every(Number.isInteger)) {
    const label = (value: number): string => (inFull ? String(value) : value.toExponential().replace('e+', 'e'));
    return values.filter(Number.isInteger).map((value) => ({ value, label: trueMinus(label(value)) }));
  }
  return values.map((value) => ({ value, label: value === 0 && !inFull ? '0' : format(value).replace('e+', 'e') }));
}

/** Round values of a logarithmic scale: 1, 2 and 5 of each decade, or powers of ten alone, or finer ones inside a decade. */
export function logTicks(scale: Scale, count: number): Tick[] {
  const [low, high] = scale.domain();
  const decades = Math.log10(high / low);
  if (decades < 1) return linearTicks(scaleLinear().domain([low, high]), count);
  const digits = decades * 3 <= count + 1 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / count));
  const powers: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += stride)
    powers.push(power);
  const ticks = powers
    .flatMap((power) =>
      digits.map((digit) => ({
        value: Number(`${digit}e${power}`),
        short: power === 0 ? `${digit}` : `${digit}e${power}`,
      })),
    )
    .filter(({ value }) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  // One way of writing for the whole axis.
  const inFull = ticks.every(({ value }) => value >= 1e-3 && value < 1e5);
  return ticks.map(({ value, short }) => ({
    value,
    label: inFull ? value.toLocaleString('en', { maximumFractionDigits: 6 }) : trueMinus(short),
  }));
}

/** The widest label, in pixels. */
export function widestLabel(ticks: readonly Tick[]): number {
  return Math.max(0, ...ticks.map((tick) => textWidth(tick.label, FONT_SIZE)));
}

/** As many ticks of a horizontal axis as stand side by side without touching; `make` gives about `count` ticks. */
export function fittingTicks(width: number, make: (count: number) => Tick[]): Tick[] {
  const taken = (ticks: readonly Tick[]): number => ticks.length * (widestLabel(ticks) + FONT_SIZE);
  for (let count = Math.max(2, Math.floor(width / 70)); count > 2; count--) {
    const ticks = make(count);
    if (taken(ticks) <= width) return ticks;
  }
  const few = make(2);
  const stride = Math.ceil(taken(few) / width);
  return few.filter((_, i) => i % stride === 0);
}
