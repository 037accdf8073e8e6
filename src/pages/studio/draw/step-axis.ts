/** The notes of a phrase as far as an axis needs them; times in seconds, in order. */
export interface Timed {
  start: readonly number[];
  duration: readonly number[];
}

/**
 * Where a moment lies on the axis on which every note that the network read has a column of its own: column i from i to
 * i + 1. Between two notes that start at different times it runs evenly; notes of one chord stand side by side.
 */
export function stepOfTime({ start }: Pick<Timed, 'start'>, seconds: number): number {
  let last = 0;
  while (last + 1 < start.length && start[last + 1] <= seconds) last++;
  const next = last + 1 < start.length ? start[last + 1] : start[last] + typicalGap(start);
  const gap = next - start[last];
  return last + Math.max(0, Math.min(1, gap > 0 ? (seconds - start[last]) / gap : 1));
}

/** From where to where on that axis a note sounds: at least most of its own column. */
export function spanOfNote(notes: Timed, index: number): [from: number, to: number] {
  const end = stepOfTime(notes, notes.start[index] + notes.duration[index]);
  return [index, Math.max(index + 0.8, end)];
}

/** The mean time between notes, for what lies behind the last. */
function typicalGap(start: readonly number[]): number {
  const count = start.length - 1;
  return count > 0 && start[count] > start[0] ? (start[count] - start[0]) / count : 0.25;
}

/** The column of a place on a canvas. */
export function columnAt(x: number, width: number, columns: number): number {
  return Math.max(0, Math.min(columns - 1, Math.floor((x / width) * columns)));
}
