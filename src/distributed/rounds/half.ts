/**
 * Half precision, the binary16 of IEEE 754: a sign, 5 bits of exponent, 10 of fraction. Node 20 has no Float16Array.
 */

/** The largest number that a half can hold. */
export const LARGEST_HALF = 65_504;

const EXPONENT_BIAS = 15;
const FRACTION_BITS = 10;
const INFINITY = 0x7c00;
const NOT_A_NUMBER = 0x7e00;

const view = new DataView(new ArrayBuffer(8));

/** The 16 bits of the half nearest to `value`; of two that are equally near, the one whose last bit is 0. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const exponent = Math.max(exponentOf(value), 1 - EXPONENT_BIAS);
  if (exponent > EXPONENT_BIAS) return sign | INFINITY;
  // What rounds up to the next power of two carries into the exponent by itself, and below the normal halves there is none.
  const fraction = roundToEven(Math.abs(value) * 2 ** (FRACTION_BITS - exponent));
  return sign | (((exponent + EXPONENT_BIAS - 1) << FRACTION_BITS) + fraction);
}

/** The number that the 16 bits of a half stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> FRACTION_BITS) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** (1 - EXPONENT_BIAS - FRACTION_BITS);
  return sign * (0x400 + fraction) * 2 ** (exponent - EXPONENT_BIAS - FRACTION_BITS);
}

/** Of a number that is not 0 the power of two at or below its magnitude; numbers below the normal doubles count as the smallest of those. */
export function exponentOf(value: number): number {
  view.setFloat64(0, value);
  return ((view.getUint16(0) >> 4) & 0x7ff) - 1023;
}

/** To a whole number, of two equally near ones to the even one. `value` is not negative. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
