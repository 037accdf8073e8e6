import { ShapeError, sizeOf, type Arena, type Kernels, type Random, type Tensor } from '../tensor/index.ts';
import { atOnce, within, type Pieces } from './in-turns.ts';
import { initialCost, initialPieces } from './initializers.ts';
import { parameterSpecs, type ModelSpec, type ParameterSpec } from './spec.ts';

/** Rounds every parameter up to whole vectors of 4, so that each starts where a vector load likes it. */
const PADDING = 4;

/**
 * One number for every trainable number of a model (weights, or gradients, or a moment of Adam), all in one flat tensor,
 * with a view for each parameter. The padding between them stays 0. One flat tensor means one call for Adam, one for the
 * gradient's norm, and one array to add up between threads.
 */
export class ParameterSet {
  readonly specs: readonly ParameterSpec[];
  /** All of them, padding included. */
  readonly flat: Tensor;
  readonly #views = new Map<string, Tensor>();

  constructor(arena: Arena, spec: ModelSpec) {
    this.specs = parameterSpecs(spec);
    const lengths = this.specs.map(({ shape }) => Math.ceil(sizeOf(shape) / PADDING) * PADDING);
    this.flat = arena.tensor([lengths.reduce((sum, n) => sum + n, 0)]);
    let at = 0;
    this.specs.forEach(({ name, shape }, index) => {
      this.#views.set(name, this.flat.slice(at, at + sizeOf(shape)).reshape(shape));
      at += lengths[index];
    });
  }

  /**
   * The view of one parameter.
   * @throws ShapeError when the model has no parameter of that name
   */
  get(name: string): Tensor {
    const view = this.#views.get(name);
    if (!view) throw new ShapeError(`parameters: no "${name}"; there are ${[...this.#views.keys()].join(', ')}.`);
    return view;
  }

  /** Every parameter with its name, in the order of the list. */
  entries(): IterableIterator<[string, Tensor]> {
    return this.#views.entries();
  }

  /**
   * Draws starting values for all parameters, in order, from the stream `init`. With more than 256 units this takes long, and
   * `initialiseInTurns` much less.
   */
  initialise(random: Random): void {
    atOnce(this.initialPieces(random));
  }

  /** The same piece by piece; for `products` see `orthogonalPieces`. */
  *initialPieces(random: Random, products?: Kernels): Pieces<void> {
    const costs = this.specs.map(initialCost);
    const whole = costs.reduce((sum, cost) => sum + cost, 0);
    let done = 0;
    for (const [index, spec] of this.specs.entries()) {
      const upTo = done + costs[index];
      const values = yield* within(initialPieces(spec, random, products), done / whole, upTo / whole);
      this.get(spec.name).data.set(values);
      done = upTo;
      yield done / whole;
    }
  }

  /** A copy of every parameter under its name, without padding. */
  toArrays(): NamedArrays {
    const arrays: NamedArrays = {};
    for (const [name, view] of this.entries()) arrays[name] = Float32Array.from(view.data);
    return arrays;
  }

  /**
   * Overwrites every parameter.
   * @throws ShapeError when a name is missing or an array has another size
   */
  fromArrays(arrays: NamedArrays): void {
    for (const [name, view] of this.entries()) {
      const source = arrays[name];
      if (source?.length !== view.size) {
        const found = source ? `${source.length} numbers` : 'nothing';
        throw new ShapeError(`parameters: "${name}" needs ${view.size} numbers, got ${found}.`);
      }
      view.data.set(source);
    }
  }
}

/** The numbers of each parameter, by name, as checkpoints hold them. */
export type NamedArrays = Record<string, Float32Array>;
