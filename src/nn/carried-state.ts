import { UsageError } from '../errors.ts';
import type { Tensor } from '../tensor/index.ts';
import type { Batch } from './batch.ts';
import { CELLS } from './cells/kinds.ts';
import type { Engine } from './engine.ts';
import { CheckpointError, InputError } from './errors.ts';
import { assertLength } from './input-checks.ts';
import type { Network } from './network.ts';
import type { NamedArrays } from './parameters.ts';
import { assertForward, cellOf, layerWidths, type ModelSpec } from './spec.ts';

/** A network laid out for the sequences from number `from` on. */
interface Part {
  network: Network;
  from: number;
}

/** One of the states of a layer. */
export interface StateSpec {
  /** `lstm.0.h`, `lstm.0.c`, `gru.1.h`. */
  name: string;
  layer: number;
  /** Which of the cell's `states` it is. */
  state: number;
  /** Its units, H. */
  width: number;
}

/** The states of a model's layers. */
export function stateSpecs(spec: ModelSpec): StateSpec[] {
  const { prefix, states } = CELLS[cellOf(spec)];
  return layerWidths(spec).flatMap((width, layer) =>
    states.map((name, state) => ({ name: `${prefix}.${layer}.${name}`, layer, state, width })),
  );
}

/** @throws UsageError for a model whose state cannot be carried from window to window */
export function assertCanCarry(spec: ModelSpec): void {
  assertForward(spec, 'carried states');
  if (spec.lossOn === 'all') return;
  throw new UsageError('A state that is carried over windows takes a model whose loss looks at every step (lossOn "all"); this one looks at the last.'); // prettier-ignore
}

/** @throws UsageError for an engine that carries no states, or where several batches were to make up a training step */
export function assertCarries({ name, carriesState }: Pick<Engine, 'name' | 'carriesState'>, accumulate = 1): void {
  if (!carriesState) throw new UsageError(`--carry-state: the engine ${name} does not carry states over windows yet; use --backend simd or reference, on one machine.`); // prettier-ignore
  if (accumulate > 1) throw new UsageError('--accumulate: where windows go on from each other, each batch is a training step; take a larger batch instead.'); // prettier-ignore
}

/**
 * The state after a batch, from which rows of the next may go on (`Batch.carry`). It is kept apart from the networks: a step
 * that fails leaves it as it was, and so does whatever else they are used for. No gradient goes back beyond a window's
 * beginning: backpropagation through time is truncated there (Williams and Peng 1990).
 */
export class CarriedState {
  readonly #spec: ModelSpec;
  readonly #states: readonly StateSpec[];
  /** In the order of `#states`, [B, H] each; none before a batch has left one. */
  #values?: readonly Float64Array[];

  constructor(spec: ModelSpec) {
    this.#spec = spec;
    this.#states = stateSpecs(spec);
  }

  /**
   * Writes the state that a batch begins with into the networks of its parts: zeros where a row does not go on.
   * @returns whether any row goes on
   * @throws InputError when a row goes on that has nothing to go on from, or `carry` holds anything but 0 and 1; ShapeError
   *   when it has another length; nothing is written then
   */
  begin(batch: Batch, parts: readonly Part[]): boolean {
    const { carry } = batch;
    const goesOn = carry !== undefined && this.#check(carry, batch.size);
    for (const { network, from } of parts) {
      if (!goesOn) {
        network.resetState();
        continue;
      }
      this.#states.forEach(({ width }, k) => {
        const { data, rows } = this.#slot(network, k, 0);
        for (let b = 0; b < rows; b++) {
          const at = (from + b) * width;
          if (carry[from + b] === 0) data.fill(0, b * width, (b + 1) * width);
          else data.set(this.#values![k].subarray(at, at + width), b * width);
        }
      });
      network.keepState();
    }
    return goesOn;
  }

  /** Keeps the state after a batch that has run through the networks of its parts, where it says what goes on. */
  end({ carry, size }: Batch, parts: readonly Part[]): void {
    if (!carry) return;
    this.#values = this.#states.map(({ width }, k) => {
      const values = new Float64Array(size * width);
      for (const { network, from } of parts) values.set(this.#slot(network, k, network.shape.steps).data, from * width);
      return values;
    });
  }

  /** A copy in float32, by the names of the states; undefined where there is none. */
  read(): NamedArrays | undefined {
    if (!this.#values) return undefined;
    return Object.fromEntries(this.#states.map(({ name }, k) => [name, Float32Array.from(this.#values![k])]));
  }

  /**
   * Goes on from what `read` gave.
   * @throws CheckpointError when it is of other layers, or not of the same sequences in all of them
   */
  write(arrays: NamedArrays | undefined): void {
    const rows = arrays && rowsOfStates(this.#spec, arrays);
    if (arrays && rows === undefined) throw new CheckpointError('The carried state does not fit the model.');
    this.#values = arrays && this.#states.map(({ name }) => Float64Array.from(arrays[name]));
  }

  #check(carry: ArrayLike<number>, size: number): boolean {
    assertCanCarry(this.#spec);
    assertLength(carry, size, { what: 'what is carried' });
    let goesOn = false;
    for (let b = 0; b < size; b++) {
      if (carry[b] !== 0 && carry[b] !== 1) throw new InputError(`What is carried of sequence ${b}, counted from 0, should be 0 or 1, got ${carry[b]}.`); // prettier-ignore
      goesOn ||= carry[b] === 1;
      if (carry[b] === 0 || this.#values?.[0].length === size * this.#states[0].width) continue;
      throw new InputError(`Sequence ${b}, counted from 0, goes on, and no batch of ${size} sequences came before that it could go on from.`); // prettier-ignore
    }
    return goesOn;
  }

  /** State number `k` before step `t` of a network, [B, H]. */
  #slot({ layers }: Network, k: number, t: number): Tensor {
    const { layer, state } = this.#states[k];
    return layers[layer].states[state].row(t);
  }
}

/** Of how many sequences states are, by their names; undefined where they are not those of the model. */
export function rowsOfStates(spec: ModelSpec, arrays: Record<string, { length: number }>): number | undefined {
  const rows = stateSpecs(spec).map(({ name, width }) =>
    Object.hasOwn(arrays, name) ? arrays[name].length / width : NaN,
  );
  return rows.every((each) => each === rows[0] && Number.isInteger(each) && each > 0) ? rows[0] : undefined;
}
