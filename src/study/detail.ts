import { quantise, type ByteMatrix } from './byte-matrix.ts';
import { QUANTITIES, type Quantity, type StudyLayer, type StudyOmission } from './study-data.ts';

/** Numbers that heat maps may have in all: in base64 a third more, which leaves a page of 3 MB room for the rest. */
const HEAT_NUMBERS = 1.3e6;
/** Numbers that saliency may have in all. */
const SALIENCY_NUMBERS = 3e5;
/** Notes that can be told apart on a screen, and that the heat maps of the tutorial's model have room for. */
const DETAIL_NOTES = 1000;
const LEAST_UNITS = 8;
const MOST_LAGS = 32;

/** How much room there is, and for what. */
export interface DetailRequest {
  notes: number;
  layers: number;
  hiddenSize: number;
  heads: number;
  inputs: number;
  /** The note that should be seen. */
  at?: number;
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
  leftOut: StudyOmission[];
}

/** Decides which notes, units and lags there is room for, and says what is left out. */
export function planDetail(request: DetailRequest): DetailPlan {
  const { notes, hiddenSize, at } = request;
  const length = Math.min(notes, DETAIL_NOTES);
  const from = at === undefined ? 0 : Math.max(0, Math.min(notes - length, at - Math.floor(length / 2)));
  const to = from + length;
  const layers = Array.from({ length: request.layers }, (_, layer) => layer).filter(
    (layer) => request.layer === undefined || layer === request.layer,
  );
  const room = Math.floor(HEAT_NUMBERS / (QUANTITIES.length * layers.length * length));
  const asked = typeof request.units === 'number' ? request.units : (request.units?.length ?? hiddenSize);
  const units = Math.min(asked, hiddenSize, Math.max(LEAST_UNITS, room));
  const lags = Math.max(
    1,
    Math.min(MOST_LAGS, Math.floor(SALIENCY_NUMBERS / (length * request.heads * request.inputs))),
  );
  const leftOut: StudyOmission[] = [];
  if (length < notes) {
    leftOut.push({
      what: `heat maps, saliency, path and gradients by step of ${notesOutside(from, to, notes)}`,
      why: `a page shows ${DETAIL_NOTES} notes at most; choose others with --at NOTE. Statistics are of all ${notes}`,
    });
  }
  if (units < Math.min(asked, hiddenSize)) {
    leftOut.push({
      what: `heat maps of ${hiddenSize - units} of ${hiddenSize} units in each layer`,
      why: `they would not fit into a page of 3 MB; those that matter most are shown, choose others with --units or --layer`,
    });
  }
  return { from, to, units, layers, lags, leftOut };
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
  tanhC: [-1, 1],
  h: [-1, 1],
};

/**
 * The heat maps of a layer: one byte a number, gates on their own fixed ranges, the cell on that of its values.
 * @param layer [steps * size] each
 * @param shown the units, one a row
 */
export function heatMaps(
  layer: Record<Quantity, ArrayLike<number>> & { size: number },
  shown: readonly number[],
  { from, to }: { from: number; to: number },
): StudyLayer['heat'] {
  const entries = QUANTITIES.map((quantity): [Quantity, ByteMatrix] => {
    const numbers = layer[quantity];
    const values = new Float32Array(shown.length * (to - from));
    shown.forEach((unit, row) => {
      for (let note = from, at = row * (to - from); note < to; note++) values[at++] = numbers[note * layer.size + unit];
    });
    const [low, high] = FIXED_RANGES[quantity] ?? [undefined, undefined];
    return [quantity, quantise(values, shown.length, to - from, { low, high })];
  });
  return Object.fromEntries(entries);
}
