import { UsageError } from '../../errors.ts';
import { CELLS, gatesOf, type CellKind, type Gate } from '../cells/kinds.ts';
import { cellOf, layerWidth, type ModelSpec } from '../spec.ts';

/**
 * Something in a layer that is held at a value while the network runs, whatever its inputs say: the output `h` of some units
 * (what the layers above and the next step read), their cell state `c` where the cell has one, or the activation of a gate.
 *
 * @example
 * const unit = { layer: 0, part: 'h', units: [17] }; // unit 17 says nothing
 * const gate = { layer: 1, part: 'f', value: 1 }; // no unit of the second layer forgets
 * const layer = { layer: 0, part: 'h', value: means }; // the first layer always says its mean
 */
export interface Ablation {
  layer: number;
  part: 'h' | 'c' | Gate;
  /** Which units; all of the layer unless given. */
  units?: readonly number[];
  /** The value, one for all, or one for every unit of the layer (whether it is held or not); 0 unless given. */
  value?: number | ArrayLike<number>;
}

/** The ablations of one layer by unit: NaN where nothing is held. */
export class LayerAblation {
  /** The units of the layer, H. */
  readonly size: number;
  /** Of each gate side by side, [K * H]. */
  readonly gates: Float64Array;
  /** [H] each. */
  readonly c: Float64Array;
  readonly h: Float64Array;
  /** The units of which anything is held. */
  readonly units: Int32Array;

  constructor(cell: CellKind, size: number, ablations: readonly Ablation[]) {
    const names = gatesOf(cell);
    const nothing = (length: number): Float64Array => new Float64Array(length).fill(NaN);
    this.size = size;
    [this.gates, this.c, this.h] = [nothing(names.length * size), nothing(size), nothing(size)];
    const touched = new Set<number>();
    for (const { part, units = Array.from({ length: size }, (_, unit) => unit), value = 0 } of ablations) {
      const [to, first] = part === 'h' || part === 'c' ? [this[part], 0] : [this.gates, names.indexOf(part) * size];
      for (const unit of units) {
        to[first + unit] = typeof value === 'number' ? value : value[unit];
        touched.add(unit);
      }
    }
    this.units = Int32Array.from([...touched].sort((a, b) => a - b));
  }
}

/** What is held in rows `from` up to, not including, `to` of a step. */
export interface HeldRows {
  held: LayerAblation;
  from: number;
  to: number;
}

/**
 * The ablations of each layer, undefined for a layer that is left alone.
 * @throws UsageError when a layer, a unit or a part does not exist, or a value is not finite
 */
export function ablationsByLayer(spec: ModelSpec, ablations: readonly Ablation[]): (LayerAblation | undefined)[] {
  for (const ablation of ablations) validateAblation(spec, ablation);
  return Array.from({ length: spec.lstm.layers }, (_, index) => {
    const here = ablations.filter(({ layer }) => layer === index);
    return here.length > 0 ? new LayerAblation(cellOf(spec), layerWidth(spec, index), here) : undefined;
  });
}

/** What can be held in a layer of a cell, by name. */
export function ablationParts(cell: CellKind): Ablation['part'][] {
  return [...CELLS[cell].states, ...gatesOf(cell)];
}

function validateAblation(spec: ModelSpec, { layer, part, units, value = 0 }: Ablation): void {
  const { lstm } = spec;
  if (!(Number.isInteger(layer) && layer >= 0 && layer < lstm.layers)) {
    throw new UsageError(`ablation: there is no layer ${layer}; layers are 0 to ${lstm.layers - 1}.`);
  }
  const H = layerWidth(spec, layer);
  const cell = cellOf(spec);
  const parts = ablationParts(cell);
  if (!parts.includes(part)) {
    throw new UsageError(
      `ablation: there is no part ${JSON.stringify(part)} in layers of ${CELLS[cell].title}; parts are ${parts.join(', ')}.`,
    );
  }
  const wrong = units?.find((unit) => !(Number.isInteger(unit) && unit >= 0 && unit < H));
  if (wrong !== undefined) throw new UsageError(`ablation: there is no unit ${wrong}; units are 0 to ${H - 1}.`);
  const values = typeof value === 'number' ? [value] : Array.from(value);
  if (typeof value !== 'number' && values.length !== H) {
    throw new UsageError(`ablation: expected one value, or ${H} for all units of the layer, got ${values.length}.`);
  }
  if (!values.every(Number.isFinite)) throw new UsageError('ablation: expected finite values.');
}
