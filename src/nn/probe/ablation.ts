import { UsageError } from '../../errors.ts';
import type { Tensor } from '../../tensor/index.ts';
import { CELLS, gatesOf, type CellKind, type Gate } from '../cells/kinds.ts';
import { GATES } from '../cells/lstm.ts';
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

/** What a step of one layer left, rows of [B, H] and [B, 4H]. */
export interface CellTensors {
  gates: Tensor;
  cPrev: Tensor;
  c: Tensor;
  tanhC: Tensor;
  h: Tensor;
}

/** What is held in one layer: NaN where nothing is. */
interface HeldValues {
  /** In the order of gates, [4H]. */
  gates: Float64Array;
  c: Float64Array;
  h: Float64Array;
}

/** The ablations of one layer, made ready to be applied after each of its steps. */
export class LayerAblation {
  readonly #held: HeldValues;
  /** The units of which anything is held. */
  readonly #units: Int32Array;
  readonly #hiddenSize: number;

  constructor(hiddenSize: number, ablations: readonly Ablation[]) {
    const nothing = (length: number): Float64Array => new Float64Array(length).fill(NaN);
    this.#hiddenSize = hiddenSize;
    this.#held = { gates: nothing(4 * hiddenSize), c: nothing(hiddenSize), h: nothing(hiddenSize) };
    const touched = new Set<number>();
    for (const ablation of ablations) {
      const units = ablation.units ?? Array.from({ length: hiddenSize }, (_, unit) => unit);
      for (const unit of units) {
        this.#hold(ablation, unit);
        touched.add(unit);
      }
    }
    this.#units = Int32Array.from([...touched].sort((a, b) => a - b));
  }

  /** Overwrites what is held, and what in the same step follows from it, in every row. */
  apply({ gates, cPrev, c, tanhC, h }: CellTensors): void {
    const H = this.#hiddenSize;
    const held = this.#held;
    const [gate, before, cell, squashed, out] = [gates.data, cPrev.data, c.data, tanhC.data, h.data];
    for (let row = 0; row < gates.rows; row++) {
      for (const j of this.#units) {
        const at = row * H + j;
        const i0 = row * 4 * H + j;
        let changes = !Number.isNaN(held.c[j]);
        for (let k = 0; k < 4; k++) {
          const value = held.gates[k * H + j];
          if (Number.isNaN(value)) continue;
          gate[i0 + k * H] = value;
          // A held output gate leaves the cell as it is.
          if (k < 3) changes = true;
        }
        if (changes) {
          const computed = gate[i0 + H] * before[at] + gate[i0] * gate[i0 + 2 * H];
          cell[at] = Number.isNaN(held.c[j]) ? computed : held.c[j];
          squashed[at] = Math.tanh(cell[at]);
        }
        if (changes || !Number.isNaN(held.gates[3 * H + j])) out[at] = gate[i0 + 3 * H] * squashed[at];
        if (!Number.isNaN(held.h[j])) out[at] = held.h[j];
      }
    }
  }

  #hold({ part, value = 0 }: Ablation, unit: number): void {
    const number = typeof value === 'number' ? value : value[unit];
    if (part === 'h' || part === 'c') this.#held[part][unit] = number;
    else this.#held.gates[GATES.indexOf(part as 'i') * this.#hiddenSize + unit] = number;
  }
}

/**
 * The ablations of each layer, undefined for a layer that is left alone.
 * @throws UsageError when a layer, a unit or a part does not exist, or a value is not finite
 */
export function ablationsByLayer(spec: ModelSpec, ablations: readonly Ablation[]): (LayerAblation | undefined)[] {
  for (const ablation of ablations) validateAblation(spec, ablation);
  return Array.from({ length: spec.lstm.layers }, (_, index) => {
    const here = ablations.filter(({ layer }) => layer === index);
    return here.length > 0 ? new LayerAblation(layerWidth(spec, index), here) : undefined;
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
