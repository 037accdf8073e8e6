import {
  DEFAULT_TIMING,
  mainMeter,
  mainTempo,
  onsetsOnGrid,
  type BeatsSpec,
  type CodecSpec,
  type Meter,
  type Piece,
} from '../midi/index.ts';
import { median } from '../median.ts';

/** So many of the onsets of a written piece lie on the grid; the rest are ornaments and odd tuplets. */
const WRITTEN = 0.8;
/** So much of a corpus must be written for its time to be counted in beats: played music has none to count. */
const MOSTLY = 0.9;

/** How time is counted in a corpus, and what speaks for it. */
export interface TimeCount {
  time: 'seconds' | 'beats';
  /** Of all notes, how many start on the grid of their piece. */
  onGrid: number;
  /** Pieces in which most do. */
  written: number;
  pieces: number;
}

/**
 * Whether music is written or played: in beats where nine tenths of the notes are in pieces whose onsets lie on a grid, else in
 * seconds.
 */
export function howTimeIsCounted(pieces: readonly Pick<Piece, 'table' | 'timing'>[]): TimeCount {
  let [notes, near, inWritten, written] = [0, 0, 0, 0];
  for (const { table, timing } of pieces) {
    const share = onsetsOnGrid(table, timing);
    notes += table.length;
    near += share * table.length;
    if (share < WRITTEN) continue;
    written++;
    inWritten += table.length;
  }
  const time = notes > 0 && inWritten >= MOSTLY * notes ? 'beats' : 'seconds';
  return { time, onGrid: notes === 0 ? 0 : near / notes, written, pieces: pieces.length };
}

/** What beats are in some pieces: their median tempo, and their time signatures, that of most notes first. */
export function beatsIn(pieces: readonly Pick<Piece, 'table' | 'timing'>[]): Required<Pick<CodecSpec, 'beats'>> {
  const notes = new Map<string, { meter: Meter; notes: number }>();
  const tempos: number[] = [];
  for (const { table, timing = DEFAULT_TIMING } of pieces) {
    const last = table.length - 1;
    const end = last < 0 ? 0 : table.start[last] + table.duration[last];
    tempos.push(mainTempo(timing, end));
    const meter = mainMeter(timing, end);
    const known = notes.get(meter.join('/'));
    if (known) known.notes += table.length;
    else notes.set(meter.join('/'), { meter, notes: table.length });
  }
  const meters = [...notes.values()].sort((a, b) => b.notes - a.notes).map(({ meter }) => meter);
  // What a file cannot say again is a mistake of a file.
  // To a hundredth: a file of 108 quarters a minute says 107.99991, since it counts whole microseconds.
  const tempo = Math.min(60_000, Math.max(4, Math.round(100 * median(tempos)) / 100));
  const beats: BeatsSpec = { tempo, meters: meters.slice(0, 64) };
  return { beats };
}
