import { quantise, type ByteMatrix } from './byte-matrix.ts';
import type { Quantity, StudyLayer, StudyOmission, StudyOverview } from './study-data.ts';

/**
 * Numbers that heat maps may have in all. A page carries them deflated and in base64: that is as large as they are, which leaves a
 * page of 3 MB room for the rest.
 */
const HEAT_NUMBERS = 1.4e6;
/** Numbers that saliency may have in all. */
const SALIENCY_NUMBERS = 3e5;
/** Notes that can be told apart on a screen, and that the heat maps of the tutorial's model have room for. */
const DETAIL_NOTES = 1000;
/** Of long songs at least so many notes are told one by one, and the whole in so many columns. */
const LEAST_DETAIL = 500;
const OVERVIEW_COLUMNS = { least: 256, most: 512 };
const LEAST_UNITS = 8;
const MOST_LAGS = 32;

/** How much room there is, and for what. */
export interface DetailRequest {
  notes: number;
  /** The units of each layer. */
  widths: readonly number[];
  /** How many quantities a unit has. */
  quantities: number;
  heads: number;
  inputs: number;
  /** The note that should be seen. */
  at?: number;
  /** The first note that is told; goes before `at`. */
  from?: number;
  /** How many units, or which. */
  units?: number | readonly number[];
  /** The only layer with heat maps. */
  layer?: number;
}

/** What fits. */
export interface DetailPlan {
  from: number;
  to: number;
  /** Units of each layer's heat maps, at most. */
  units: number;
  /** Layers with heat maps. */
  layers: number[];
  /** Past notes of each note's saliency. */
  lags: number;
  /** Notes of each column of the overview; 0 where the detail is the whole song. */
  notesPerColumn: number;
  leftOut: StudyOmission[];
}

/** Decides which notes, units and lags there is room for, and says what is left out. */
export function planDetail(request: DetailRequest): DetailPlan {
  const { notes, widths } = request;
  const layers = [...widths.keys()].filter((layer) => request.layer === undefined || layer === request.layer);
  const widest = Math.max(...layers.map((layer) => widths[layer]));
  const asked = typeof request.units === 'number' ? request.units : (request.units?.length ?? widest);
  const wanted = layers.reduce((sum, layer) => sum + Math.min(asked, widths[layer]), 0);
  const { length, columns } = shareColumns(notes, Math.floor(HEAT_NUMBERS / (request.quantities * wanted)));
  const { from, to } = placeDetail(request, length);
  const room = Math.floor(HEAT_NUMBERS / (request.quantities * layers.length * (length + columns)));
  const units = Math.min(asked, widest, Math.max(LEAST_UNITS, room));
  const lags = Math.max(
    1,
    Math.min(MOST_LAGS, Math.floor(SALIENCY_NUMBERS / (length * request.heads * request.inputs))),
  );
  const notesPerColumn = columns === 0 ? 0 : Math.ceil(notes / columns);
  const leftOut: StudyOmission[] = [];
  if (length < notes) {
    leftOut.push({
      what: `heat maps, saliency, path and gradients by step of ${notesOutside(from, to, notes)}`,
      why:
        `there is room for ${length} notes in detail, and for averages of ${notesPerColumn} over the whole song; choose others with ` +
        `--from NOTE or --at NOTE, or see any with --serve. Statistics cover all ${notes}`,
    });
  }
  if (units < Math.min(asked, widest)) {
    const which = layers.some((layer) => widths[layer] < widest) ? 'the widest layer' : 'each layer';
    leftOut.push({
      what: `heat maps of ${widest - units} of ${widest} units in ${which}`,
      why: `they would not fit into a page of 3 MB; those that matter most are shown, choose others with --units or --layer`,
    });
  }
  return { from, to, units, layers, lags, notesPerColumn, leftOut };
}

/** The notes that are told one by one, and the columns of an overview, given how many columns of all units have room. */
function shareColumns(notes: number, room: number): { length: number; columns: number } {
  if (notes <= DETAIL_NOTES) return { length: notes, columns: 0 };
  const { least, most } = OVERVIEW_COLUMNS;
  const columns = Math.min(most, Math.max(least, room - LEAST_DETAIL));
  return { length: Math.min(DETAIL_NOTES, Math.max(LEAST_DETAIL, room - columns)), columns };
}

/** `length` notes of a song: from one on, or around one, or the first. */
export function placeDetail(
  { notes, at, from }: Pick<DetailRequest, 'notes' | 'at' | 'from'>,
  length: number,
): { from: number; to: number } {
  const wanted = from ?? (at === undefined ? 0 : at - Math.floor(length / 2));
  const first = Math.max(0, Math.min(notes - length, wanted));
  return { from: first, to: Math.min(notes, first + length) };
}

/** `notes 1001 to 10000`, or what is before and after. */
function notesOutside(from: number, to: number, notes: number): string {
  const before = from > 0 ? [range(1, from)] : [];
  const after = to < notes ? [range(to + 1, notes)] : [];
  return `notes ${[...before, ...after].join(' and ')}`;
}

function range(first: number, last: number): string {
  return first === last ? `${first}` : `${first} to ${last}`;
}

const FIXED_RANGES: Partial<Record<Quantity, [low: number, high: number]>> = {
  i: [0, 1],
  f: [0, 1],
  g: [-1, 1],
  o: [0, 1],
  r: [0, 1],
  z: [0, 1],
  n: [-1, 1],
  tanhC: [-1, 1],
  h: [-1, 1],
};

/**
 * The heat maps of a layer: one byte a number, gates on their own fixed ranges, the cell on that of its values.
 * @param layer by their names, [steps * size] each
 * @param shown the units, one a row
 */
export function heatMaps(
  layer: Record<string, ArrayLike<number>>,
  size: number,
  shown: readonly number[],
  { from, to }: { from: number; to: number },
): StudyLayer['heat'] {
  const entries = Object.entries(layer).map(([name, numbers]): [Quantity, ByteMatrix] => {
    const quantity = name as Quantity;
    const values = new Float32Array(shown.length * (to - from));
    shown.forEach((unit, row) => {
      for (let note = from, at = row * (to - from); note < to; note++) values[at++] = numbers[note * size + unit];
    });
    const [low, high] = FIXED_RANGES[quantity] ?? [undefined, undefined];
    return [quantity, quantise(values, shown.length, to - from, { low, high })];
  });
  return Object.fromEntries(entries);
}

/**
 * The same maps of the whole song, a column being the mean of `notesPerColumn` neighbours.
 * @param layer by their names, [steps * size] each
 */
export function overviewMaps(
  layer: Record<string, ArrayLike<number>>,
  size: number,
  shown: readonly number[],
  notesPerColumn: number,
): StudyOverview {
  const notes = Math.floor(layer.h.length / size);
  const columns = Math.ceil(notes / notesPerColumn);
  const entries = Object.entries(layer).map(([name, numbers]): [Quantity, ByteMatrix] => {
    const quantity = name as Quantity;
    const sums = new Float64Array(shown.length * columns);
    for (let note = 0; note < notes; note++) {
      const column = Math.floor(note / notesPerColumn);
      const begin = column * notesPerColumn;
      const share = 1 / (Math.min(notes, begin + notesPerColumn) - begin);
      for (let row = 0; row < shown.length; row++) {
        sums[row * columns + column] += share * numbers[note * size + shown[row]];
      }
    }
    const [low, high] = FIXED_RANGES[quantity] ?? [undefined, undefined];
    return [quantity, quantise(sums, shown.length, columns, { low, high })];
  });
  return { notesPerColumn, heat: Object.fromEntries(entries) };
}
