import { emptyTable, fillSteps, type BarPlace, type NoteTable } from './table.ts';
import type { Meter, Timing } from './types.ts';

/*
 * Notated music is learned in its own time: as if every piece stood at 120 quarters a minute, on a grid of 24 places a quarter
 * (32nds, and triplets of 16ths). Times stay seconds, a quarter half a second; tempo and bars come back when notes are written.
 */

/** The seconds of a quarter in music whose time is counted in beats. */
export const QUARTER_SECONDS = 0.5;
/** Places of the grid in a quarter. */
export const GRID = 24;
/** Where time is counted in beats, the seconds from one place of the grid to the next. */
export const PLACE_SECONDS = QUARTER_SECONDS / GRID;
/** What a file without tempo or time signature means by them. */
export const DEFAULT_TIMING: Timing = { tempo: [[0, 120]], meter: [] };
/** The time signature of music that has none: 4/4. */
export const DEFAULT_METER: Meter = [4, 4];

/** What parts of a whole note a beat may be. */
const UNITS: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

/** Of the 24 places those at which notes are written most: multiples of a 32nd, and of a triplet of 16ths. */
const WRITTEN = Array.from({ length: GRID + 1 }, (_, place) => place).filter((place) => place % 3 === 0 || place % 4 === 0); // prettier-ignore
/** How far from a place of the grid a written note may stand, in quarters: files have some hundred ticks a quarter. */
const NEAR = 0.006;
/** The longest bar whose places are told apart: eight quarters. */
export const MOST_PLACES = 8 * GRID;

/** Whether a value is a time signature that a MIDI file can say: 1 to 255 beats, the unit a power of two up to 64. */
export function isMeter(value: unknown): value is Meter {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [beats, unit] = value as unknown[];
  return (
    Number.isInteger(beats) && (beats as number) >= 1 && (beats as number) <= 255 && UNITS.includes(unit as number)
  );
}

/** Places of the grid in a bar, at most `MOST_PLACES`. */
export function placesOf([beats, unit]: Meter): number {
  return Math.min(MOST_PLACES, Math.max(1, Math.round((beats * 4 * GRID) / unit)));
}

/**
 * How many of the onsets lie where notes are written: at multiples of a 32nd or of a triplet of 16ths, on the piece's own
 * tempo map. About an eighth of the onsets of a performance do by chance. Between 0 and 1; 0 without notes.
 */
export function onsetsOnGrid({ length, start }: NoteTable, { tempo }: Timing = DEFAULT_TIMING): number {
  const count = quarterCounter(tempo);
  let near = 0;
  for (let i = 0; i < length; i++) {
    const quarter = count(start[i]);
    const place = (quarter - Math.floor(quarter)) * GRID;
    if (WRITTEN.some((written) => Math.abs(written - place) <= NEAR * GRID)) near++;
  }
  return length === 0 ? 0 : near / length;
}

/** The time signature in which most of a piece stands, which ends at some second; 4/4 where the file says nothing. */
export function mainMeter({ meter }: Timing, end: number): Meter {
  const [, beats, unit] = standingLongest(meter, end) ?? [0, ...DEFAULT_METER];
  return [beats, unit];
}

/** The tempo that stands longest in a piece that ends at some second, in quarters a minute. */
export function mainTempo({ tempo }: Timing, end: number): number {
  return standingLongest(tempo, end)?.[1] ?? DEFAULT_TIMING.tempo[0][1];
}

/** Of changes, which begin with their second, the one whose numbers stand longest; undefined where none is before the end. */
function standingLongest<Change extends [seconds: number, ...number[]]>(
  changes: readonly Change[],
  end: number,
): Change | undefined {
  const seconds = new Map<string, number>();
  let longest: Change | undefined;
  let most = 0;
  for (const [k, change] of changes.entries()) {
    const [from, ...numbers] = change;
    const to = Math.min(end, changes[k + 1]?.[0] ?? end);
    const key = numbers.join('/');
    const all = (seconds.get(key) ?? 0) + Math.max(0, to - from);
    seconds.set(key, all);
    if (all > most) [longest, most] = [change, all];
  }
  return longest;
}

/**
 * The notes in beats: their onsets and ends on the nearest place of the grid (no note shorter than from one place to the next),
 * a quarter half a second long whatever the tempo, and beside each note its place in the bar.
 */
export function inBeats(table: NoteTable, timing: Timing = DEFAULT_TIMING): NoteTable {
  const { length } = table;
  const count = quarterCounter(timing.tempo);
  const beats = { ...emptyTable(length), pitch: table.pitch, velocity: table.velocity };
  const place = new Uint8Array(length);
  const end = length === 0 ? 0 : table.start[length - 1] + table.duration[length - 1];
  const meter = mainMeter(timing, end);
  const placeAt = placeFinder(timing, meter, count);
  for (let i = 0; i < length; i++) {
    const onset = Math.round(count(table.start[i]) * GRID);
    const release = Math.max(onset + 1, Math.round(count(table.start[i] + table.duration[i]) * GRID));
    beats.start[i] = onset * PLACE_SECONDS;
    beats.duration[i] = (release - onset) * PLACE_SECONDS;
    place[i] = placeAt(onset);
  }
  fillSteps(beats.start, beats.step);
  return { ...beats, bars: { meter, place } };
}

/** Where in its bar a note starts that comes some seconds after one at `bar`, time being counted in beats. */
export function barAfter({ meter, place }: BarPlace, seconds: number): BarPlace {
  return { meter, place: (place + Math.round(seconds / PLACE_SECONDS)) % placesOf(meter) };
}

/** Counts the quarters from the beginning of the file to some seconds, which must not decrease much from call to call to be fast. */
function quarterCounter(tempo: Timing['tempo']): (seconds: number) => number {
  const quarters: number[] = [];
  let sum = 0;
  for (const [k, [from, bpm]] of tempo.entries()) {
    quarters.push(sum);
    if (k + 1 < tempo.length) sum += ((tempo[k + 1][0] - from) * bpm) / 60;
  }
  let piece = 0;
  return (seconds) => {
    while (piece > 0 && tempo[piece][0] > seconds) piece--;
    while (piece + 1 < tempo.length && tempo[piece + 1][0] <= seconds) piece++;
    const [from, bpm] = tempo[piece];
    return quarters[piece] + ((seconds - from) * bpm) / 60;
  };
}

/** A stretch of one time signature, in places of the grid. */
interface Stretch {
  from: number;
  bar: number;
  /** Where the next stretch of the main one begins, unless this is one; Infinity where none does. */
  next?: number;
}

/**
 * Gives the place in its bar for an onset. Bars count from where their time signature stands; what is shorter than a bar before
 * the main one begins (a pickup, written as a bar of its own) is the end of a bar of that.
 */
function placeFinder({ meter }: Timing, main: Meter, count: (seconds: number) => number): (onset: number) => number {
  const bar = placesOf(main);
  const stretches: Stretch[] = [];
  let next = Infinity;
  // From the last to the first, so that each knows what comes: a file may have as many signatures as notes.
  for (const [seconds, beats, unit] of meter.toReversed()) {
    const stretch = { from: Math.round(count(seconds) * GRID), bar: placesOf([beats, unit]) };
    const isMain = beats === main[0] && unit === main[1];
    stretches.push(isMain ? stretch : { ...stretch, next });
    if (isMain) next = stretch.from;
  }
  stretches.reverse();
  if (stretches.length === 0 || stretches[0].from > 0) stretches.unshift({ from: 0, bar });
  let at = 0;
  return (onset) => {
    while (at > 0 && stretches[at].from > onset) at--;
    while (at + 1 < stretches.length && stretches[at + 1].from <= onset) at++;
    const stretch = stretches[at];
    if (stretch.next !== undefined && stretch.next - stretch.from < bar) return bar - (stretch.next - onset);
    return (onset - stretch.from) % stretch.bar;
  };
}
