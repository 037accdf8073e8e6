import { binOf, type BinTable, type Codec, type NoteTable } from '../../midi/index.ts';

/** Seconds of the grid on which losses of different codecs compare: 10 ms, that of Performance RNN and Music Transformer. */
export const GRID_SECONDS = 0.01;

/** Which notes of each piece are predicted. */
export interface PredictedNotes {
  /** The first; 1 unless given: before the first note of a piece nothing was heard. */
  from?: number;
  /** The one after the last; all unless given. */
  to?: number;
}

/**
 * The nats a note that a codec's classes of time leave open on a grid of 10 ms: the mean of max(0, ln(width / 10 ms)) over
 * steps and durations, the width being that of the class. Added to a note's nats it is what naming the places on the grid
 * would cost, were they alike within a class. 0 where times are no classes.
 */
export function gridNats(
  { spec }: Codec,
  tables: readonly NoteTable[],
  { from = 1, to = Infinity }: PredictedNotes = {},
): number {
  let [sum, notes] = [0, 0];
  const widths = { step: widthsOf(spec.bins?.step), duration: widthsOf(spec.bins?.duration) };
  for (const table of tables) {
    for (let t = from; t < Math.min(table.length, to); t++) {
      notes++;
      for (const part of ['step', 'duration'] as const) {
        const width = widths[part]?.(table[part][t]);
        if (width !== undefined) sum += Math.max(0, Math.log(width / GRID_SECONDS));
      }
    }
  }
  return notes === 0 ? 0 : sum / notes;
}

/** The width of the class of some seconds, where times have classes that differ. */
function widthsOf(bins: BinTable | undefined): ((seconds: number) => number) | undefined {
  if (!bins || bins.edges.length === 0) return undefined;
  const bounds = classBounds(bins);
  return (seconds) => {
    const kind = binOf(bins, seconds);
    return bounds[kind + 1] - bounds[kind];
  };
}

/** What a whole note costs, the nats of its parts added up. */
export interface NoteNats {
  nats: number;
  bits: number;
  /** The nats on a grid of 10 ms, on which models with other classes of time compare; see `gridNats`. */
  onGrid: number;
}

/**
 * The nats of a note, in bits too, and on the grid.
 * @param nats of all its parts
 * @param open the nats that the classes of time leave open
 */
export function noteNats(nats: number, open: number): NoteNats {
  return { nats, bits: nats / Math.LN2, onGrid: nats + open };
}

/**
 * Where each class begins, in seconds from 0 on, and where the last is taken to end: as wide, in proportion, as the one before.
 */
export function classBounds({ edges }: BinTable): Float64Array {
  if (edges.length === 0) return Float64Array.of(0, GRID_SECONDS);
  const last = edges[edges.length - 1];
  const ratio = edges.length > 1 ? last / edges[edges.length - 2] : 2;
  return Float64Array.of(0, ...edges, last * ratio);
}
