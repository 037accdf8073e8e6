/** A number with few digits, for JSON: five significant unless told otherwise; what is not finite stays. */
export function rounded(value: number, digits = 5): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/** Each of some numbers with few digits. */
export function roundedAll(values: ArrayLike<number>, digits = 5): number[] {
  return Array.from({ length: values.length }, (_, k) => rounded(values[k], digits));
}

/** Seconds to a tenth of a millisecond. */
export function roundedSeconds(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, k) => Math.round(values[k] * 1e4) / 1e4);
}

/** A copy of plain JSON in which every number has few digits, but for whole ones: those count, or are the numbers of notes. */
export function roundedJson<T>(value: T, digits = 5): T {
  if (typeof value === 'number') return (Number.isInteger(value) ? value : rounded(value, digits)) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => roundedJson(each, digits)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, roundedJson<unknown>(each, digits)])) as T;
}
