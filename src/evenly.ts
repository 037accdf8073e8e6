/** `count` of the numbers 0 to `size` - 1, as far apart as can be. */
export function evenlySpaced(size: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => Math.floor((index * size) / count));
}

/** At most `atMost` of some items, evenly spaced; all of them where there are no more. */
export function evenly<T>(items: readonly T[], atMost: number): T[] {
  return Array.from(evenlySpaced(items.length, Math.min(items.length, atMost)), (place) => items[place]);
}
