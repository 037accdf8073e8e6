import type { MidiFile, NoteTable } from '../midi/index.ts';
import { GRID } from '../midi/beats.ts';

/** A song laid on a grid of bars, as well as its tempo and its accents tell. */
export interface MetreGrid {
  /** Beats in a bar. */
  beats: number;
  beatSeconds: number;
  cellsPerBeat: number;
  /** beats * cellsPerBeat. */
  cells: number;
  /** The cell of each note within its bar. */
  cell: Int32Array;
}

const CELLS_PER_BEAT = 4;
/** Bars that are looked for, the commonest first: it wins where the song does not tell. */
const BARS = [4, 3, 2] as const;
/** By how much the autocorrelation of another bar must be better than that of a commoner one. */
const CLEARLY = 1.05;

/**
 * Lays a song on a grid: beats as the file's tempo has them (which says little about a performance that was played freely,
 * hence "metre-like"), and of the bars of four, three and two beats the one at whose distance the accents repeat best.
 * An accent is where notes begin, the longer the stronger. Notes that know their places in bars are laid there.
 *
 * @param tempo tempo changes as [seconds, beats a minute], the first at 0; 120 when there are none
 */
export function metreGrid(table: NoteTable, tempo: MidiFile['tempo']): MetreGrid {
  if (table.bars) return writtenGrid(table.bars, tempo[0]?.[1] ?? 120);
  const changes = tempo.length > 0 ? tempo : ([[0, 120]] as MidiFile['tempo']);
  const position = Int32Array.from(beatsAt(table.start, changes), (beat) => Math.round(beat * CELLS_PER_BEAT));
  const beats = table.length > 0 ? likeliestBar(position, table.duration) : BARS[0];
  const cells = beats * CELLS_PER_BEAT;
  return {
    beats,
    beatSeconds: 60 / changes[0][1],
    cellsPerBeat: CELLS_PER_BEAT,
    cells,
    cell: position.map((at) => at % cells),
  };
}

/** The bars that are written: a beat is what the time signature counts. */
function writtenGrid({ meter: [beats, unit], place }: NonNullable<NoteTable['bars']>, tempo: number): MetreGrid {
  const cells = beats * CELLS_PER_BEAT;
  const placesPerCell = (4 * GRID) / unit / CELLS_PER_BEAT;
  return {
    beats,
    beatSeconds: ((60 / tempo) * 4) / unit,
    cellsPerBeat: CELLS_PER_BEAT,
    cells,
    cell: Int32Array.from(place, (at) => Math.round(at / placesPerCell) % cells),
  };
}

/** How many beats have passed at each of some rising times. */
function beatsAt(times: Float64Array, tempo: MidiFile['tempo']): Float64Array {
  let change = 0;
  let beats = 0;
  return times.map((time) => {
    while (change + 1 < tempo.length && tempo[change + 1][0] <= time) {
      beats += ((tempo[change + 1][0] - tempo[change][0]) * tempo[change][1]) / 60;
      change++;
    }
    return beats + ((time - tempo[change][0]) * tempo[change][1]) / 60;
  });
}

function likeliestBar(position: Int32Array, duration: Float64Array): number {
  // A pause of hours must not ask for gigabytes.
  const last = Math.min(position[position.length - 1], 1 << 20);
  const accents = new Float64Array(last + 1);
  position.forEach((at, note) => {
    if (at <= last) accents[at] += Math.min(duration[note], 4);
  });
  const mean = accents.reduce((sum, accent) => sum + accent, 0) / accents.length;
  const repeats = BARS.map((beats) => autocovariance(accents, mean, beats * CELLS_PER_BEAT));
  return BARS.reduce<number>((best, beats, k) => {
    return repeats[k] > CLEARLY * repeats[BARS.indexOf(best as 4)] ? beats : best;
  }, BARS[0]);
}

function autocovariance(values: Float64Array, mean: number, lag: number): number {
  let sum = 0;
  for (let k = lag; k < values.length; k++) sum += (values[k] - mean) * (values[k - lag] - mean);
  return Math.max(0, sum / Math.max(1, values.length - lag));
}
