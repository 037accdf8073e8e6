/** What the examples show; the test knows from it where which colour must be. */

/** A rising line of eight notes, half a second each. */
export const MELODY = [60, 62, 64, 65, 67, 69, 71, 72].map((pitch, k) => ({ pitch, start: k, end: k + 0.5 }));

const NOTES = 24;
/** A song for a timeline, with chords of two notes. */
export const SONG = {
  pitch: Array.from({ length: NOTES }, (_, k) => 55 + ((k * 7) % 20)),
  start: Array.from({ length: NOTES }, (_, k) => 0.5 * Math.floor(k / 2) + (k % 3 === 0 ? 0 : 0.2)).sort(
    (a, b) => a - b,
  ),
  duration: Array.from({ length: NOTES }, (_, k) => 0.3 + (k % 4) / 10),
  seconds: 7,
};

export const HEAT_ROWS = 8;
export const HEAT_COLUMNS = NOTES;

/** From -1 to 1. */
export function heatValue(row: number, column: number): number {
  return Math.sin(row + column / 4);
}

/** Steps of a training, and what is drawn of them. */
export const CHART_STEPS = Array.from({ length: 90 }, (_, k) => k + 1);

export function chartValue(step: number): number {
  return 1 + 3 * Math.exp(-step / 20);
}
