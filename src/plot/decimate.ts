/** A point of a curve, in any unit. */
export type Point = readonly [x: number, y: number];

/**
 * The points of a curve that make a difference in a picture of `columns` columns over [low, high]: of the points in one
 * column the first, the last, the lowest and the highest, in their order. A line drawn through them covers the same pixels
 * (Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014). Points whose x goes back, and
 * curves that are short anyway, are returned as they are. Non-finite points stay, because they are gaps.
 */
export function decimate(points: readonly Point[], low: number, high: number, columns: number): readonly Point[] {
  if (points.length <= 4 * columns || !isAscending(points)) return points;
  const kept: Point[] = [];
  let column: Point[] = [];
  let current = -1;
  for (const point of points) {
    const isGap = !Number.isFinite(point[0]) || !Number.isFinite(point[1]);
    const index = Math.floor(((point[0] - low) / (high - low)) * columns);
    if (isGap || index !== current) {
      kept.push(...outline(column));
      column = [];
      current = index;
    }
    if (isGap) kept.push(point);
    else column.push(point);
  }
  kept.push(...outline(column));
  return kept;
}

function isAscending(points: readonly Point[]): boolean {
  let last = -Infinity;
  for (const [x] of points) {
    if (x < last) return false;
    if (Number.isFinite(x)) last = x;
  }
  return true;
}

/** The first, lowest, highest and last of the points of a column, in order, each once. */
function outline(column: readonly Point[]): Point[] {
  if (column.length <= 2) return [...column];
  let [lowest, highest] = [0, 0];
  column.forEach(([, y], i) => {
    if (y < column[lowest][1]) lowest = i;
    if (y > column[highest][1]) highest = i;
  });
  const indices = new Set([0, lowest, highest, column.length - 1].sort((a, b) => a - b));
  return [...indices].map((i) => column[i]);
}
