import { UsageError } from '../errors.ts';
import type { StudyMatch, StudyMatches } from './study-data.ts';

/** Outputs of one layer over one piece. */
export interface SearchedPiece {
  name: string;
  /** [steps * size]. */
  h: ArrayLike<number>;
  /** Seconds at which each note begins, and its MIDI key. */
  start: ArrayLike<number>;
  pitch: ArrayLike<number>;
}

/** What to look for. */
export interface MatchQuery {
  layer: number;
  size: number;
  /** The chosen place in the song: notes `from` up to, not including, `to`. */
  from: number;
  to: number;
  /** A unit is on when |h| is at least this. */
  threshold: number;
  /** Which units; unless given those that are on all through the place and off just before and just after it. */
  units?: readonly number[];
  /** The best so many places are kept. @default 50 */
  most?: number;
}

/** Notes shown on each side of a place. */
const AROUND = 2;

/**
 * Finds where the units that are on at a chosen place are on together elsewhere (the matching view of LSTMVis: Strobelt et
 * al. 2018). A unit is on when its output has the sign that it has at the chosen place, and at least the threshold's size.
 * Places that last less than half as long as the chosen one are not counted.
 *
 * @param song the piece of the chosen place; it is searched too, and the place itself is not given back
 * @throws UsageError when the place is not in the song, or no unit is on there
 */
export function findMatches(song: SearchedPiece, corpus: readonly SearchedPiece[], query: MatchQuery): StudyMatches {
  const { layer, from, to, threshold, most = 50 } = query;
  const notes = song.pitch.length;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= notes)) {
    throw new UsageError(`match: expected notes from 1 to ${notes}, at least one, got ${from + 1} to ${to}.`);
  }
  const units = query.units ?? unitsOfPlace(song.h, query, notes);
  if (units.length === 0) {
    throw new UsageError(
      `match: no unit is on all through notes ${from + 1} to ${to} and off beside them, at a threshold of ${threshold}. ` +
        `Choose another place${shorterPlace(song.h, query, notes)}, a lower threshold, or name the units with --units.`,
    );
  }
  const signs = units.map((unit) => signAt(song.h, query.size, unit, from, to));
  const pieces = [song, ...corpus];
  const places = pieces.flatMap((piece) => placesIn(piece, units, signs, query));
  const length = to - from;
  const others = places.filter((place) => {
    const isChosen = place.piece === song.name && place.from < to && place.to > from;
    return !isChosen && 2 * (place.to - place.from) >= length;
  });
  others.sort((a, b) => Math.abs(a.to - a.from - length) - Math.abs(b.to - b.from - length) || a.others - b.others);
  return {
    layer,
    units: [...units],
    from,
    to,
    threshold,
    signs,
    searched: pieces.reduce((sum, { pitch }) => sum + pitch.length, 0),
    found: others.length,
    places: others.slice(0, most),
  };
}

/** The units that are on, with one sign, all through the place, and off just before and just after it. */
function unitsOfPlace(h: ArrayLike<number>, { size, from, to, threshold }: MatchQuery, notes: number): number[] {
  return Array.from({ length: size }, (_, unit) => unit).filter((unit) => {
    const sign = signAt(h, size, unit, from, to);
    const on = (step: number): boolean => sign * h[step * size + unit] >= threshold;
    for (let step = from; step < to; step++) if (!on(step)) return false;
    return !(from > 0 && on(from - 1)) && !(to < notes && on(to));
  });
}

/** A part of the place from its beginning at which there are some, the longest: ` (notes 25 to 28 have some)`. */
function shorterPlace(h: ArrayLike<number>, query: MatchQuery, notes: number): string {
  for (let to = query.to - 1; to > query.from; to--) {
    if (unitsOfPlace(h, { ...query, to }, notes).length === 0) continue;
    return to - query.from === 1
      ? ` (note ${query.from + 1} has some)`
      : ` (notes ${query.from + 1} to ${to} have some)`;
  }
  return '';
}

function signAt(h: ArrayLike<number>, size: number, unit: number, from: number, to: number): 1 | -1 {
  let sum = 0;
  for (let step = from; step < to; step++) sum += h[step * size + unit];
  return sum < 0 ? -1 : 1;
}

/** The longest stretches at which all of the units are on. */
function placesIn(
  piece: SearchedPiece,
  units: readonly number[],
  signs: readonly number[],
  query: MatchQuery,
): StudyMatch[] {
  const { size, threshold } = query;
  const { h, pitch } = piece;
  const allOn = (step: number): boolean => units.every((unit, k) => signs[k] * h[step * size + unit] >= threshold);
  const places: StudyMatch[] = [];
  for (let step = 0; step < pitch.length; step++) {
    if (!allOn(step)) continue;
    const from = step;
    while (step + 1 < pitch.length && allOn(step + 1)) step++;
    places.push(describePlace(piece, from, step + 1, units, query));
  }
  return places;
}

function describePlace(
  { name, h, start, pitch }: SearchedPiece,
  from: number,
  to: number,
  units: readonly number[],
  { size, threshold }: MatchQuery,
): StudyMatch {
  const chosen = new Set(units);
  let others = 0;
  for (let unit = 0; unit < size; unit++) {
    if (chosen.has(unit)) continue;
    let on = true;
    for (let step = from; step < to && on; step++) on = Math.abs(h[step * size + unit]) >= threshold;
    if (on) others++;
  }
  const shown = { from: Math.max(0, from - AROUND), to: Math.min(pitch.length, to + AROUND) };
  return {
    piece: name,
    from,
    to,
    seconds: start[from],
    others,
    pitches: Array.from({ length: shown.to - shown.from }, (_, k) => pitch[shown.from + k]),
  };
}
