/** Seconds of a tick in the files that Etude writes unless asked otherwise: 220 to the quarter, 120 quarters to the minute. */
export const TICK_SECONDS = 60 / (120 * 220);

/** Python's round, which pretty_midi takes for ticks: a tie goes to the even neighbour. For values of 0 and more. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const above = value - below;
  if (above !== 0.5) return above < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
