/** The numbers of a chart: those of the axis, and as many of each line; null or NaN where a line has none. */
export interface ChartData {
  x: readonly number[];
  lines: readonly (readonly (number | null)[])[];
}

/** The smallest and the largest number of some lines with a little room; 0 to 1 where there is none, room on both sides of a single one. */
export function chartRange(lines: readonly (readonly (number | null)[])[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const values of lines) {
    for (const value of values) {
      if (value !== null && Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
  }
  if (low > high) return [0, 1];
  const room = high > low ? 0.04 * (high - low) : Math.abs(low) * 0.05 || 1;
  return [low - room, high + room];
}

/** The point of a rising axis that is nearest to a place; -1 where there is none. */
export function nearestPoint(points: readonly number[], place: number, scale: (point: number) => number): number {
  let [below, above] = [0, points.length - 1];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (scale(points[middle]) <= place) below = middle;
    else above = middle;
  }
  if (above < 0) return -1;
  return place - scale(points[below]) <= scale(points[above]) - place ? below : above;
}
