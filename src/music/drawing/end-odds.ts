import type { MusicModel } from '../music-model.ts';

/** Before so many notes no piece ends. */
const SHORTEST_PIECE = 16;
/** The odds of an end double with each further part of the median piece, within bounds, in a piece that is longer. */
const DOUBLING = { part: 1 / 16, least: 4, most: 16 };

/**
 * What the odds of an end are multiplied by after so many notes. A model hears a cadence, but it cannot count: from the length of
 * the median piece on the odds rise, so that the end comes at a place that the model finds likely, and comes. One note is drawn
 * in any case, though the primer be a whole piece.
 */
export function endOdds({ codec }: Pick<MusicModel, 'codec'>, notes: number): number {
  if (notes < SHORTEST_PIECE) return 0;
  const median = codec.spec.ends!.notes;
  const doubling = Math.min(DOUBLING.most, Math.max(DOUBLING.least, DOUBLING.part * median));
  return Math.min(1e9, 2 ** (Math.max(0, notes - median) / doubling));
}
