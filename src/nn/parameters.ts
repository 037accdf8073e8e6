import { ShapeError, sizeOf, type Arena, type Floats, type Tensor } from '../tensor/index.ts';
import { parameterSpecs, type ModelSpec, type ParameterSpec } from './spec.ts';

/** Rounds every parameter up to whole vectors of 4, so that each starts where a vector load likes it. */
const PADDING = 4;

/** Parameters that stand beside each other: a whole set, or a stretch of one. */
export interface Stretch {
  readonly specs: readonly ParameterSpec[];
  /** All of them, padding included. */
  readonly flat: Tensor;
  /** The view of one of them. */
  get(name: string): Tensor;
}

/**
 * One number for every trainable number of a model (weights, or gradients, or a moment of Adam), all in one flat tensor,
 * with a view for each parameter. The padding between them stays 0. One flat tensor means one call for Adam, one for the
 * gradient's norm, and one array to add up between threads.
 */
export class ParameterSet implements Stretch {
  readonly specs: readonly ParameterSpec[];
  /** All of them, padding included. */
  readonly flat: Tensor;
  readonly #views = new Map<string, Tensor>();

  constructor(arena: Arena, spec: ModelSpec) {
    this.specs = parameterSpecs(spec);
    this.flat = arena.tensor([this.specs.reduce((sum, each) => sum + paddedSize(each), 0)]);
    let at = 0;
    for (const each of this.specs) {
      this.#views.set(each.name, this.flat.slice(at, at + sizeOf(each.shape)).reshape(each.shape));
      at += paddedSize(each);
    }
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

  /** Those parameters that `has` names, in as few stretches as they make up. */
  stretches(has: (name: string) => boolean): Stretch[] {
    const found: { specs: ParameterSpec[]; from: number; to: number }[] = [];
    let at = 0;
    for (const spec of this.specs) {
      const from = at;
      at += paddedSize(spec);
      if (!has(spec.name)) continue;
      const last = found.at(-1);
      if (last?.to !== from) found.push({ specs: [spec], from, to: at });
      else {
        last.specs.push(spec);
        last.to = at;
      }
    }
    const get = (name: string): Tensor => this.get(name);
    return found.map(({ specs, from, to }) => ({ specs, flat: this.flat.slice(from, to), get }));
  }

  /** Every parameter with its name, in the order of the list. */
  entries(): IterableIterator<[string, Tensor]> {
    return this.#views.entries();
  }

  /** A copy of every parameter under its name, without padding. */
  toArrays(): NamedArrays {
    const arrays: NamedArrays = {};
    for (const [name, view] of this.entries()) arrays[name] = Float32Array.from(view.data);
    return arrays;
  }

  /** A copy of all of them, one behind the other, without padding. */
  toFlat(): Float32Array {
    const flat = new Float32Array(this.#size);
    this.#inFlat((view, at) => {
      flat.set(view.data, at);
    });
    return flat;
  }

  /**
   * Overwrites all of them with what `toFlat` gives.
   * @throws ShapeError when there are more numbers, or fewer
   */
  fromFlat(flat: Floats): void {
    if (flat.length !== this.#size) {
      throw new ShapeError(`parameters: the model has ${this.#size} numbers, got ${flat.length}.`);
    }
    this.#inFlat((view, at) => {
      view.data.set(flat.subarray(at, at + view.size));
    });
  }

  #inFlat(visit: (view: Tensor, at: number) => void): void {
    let at = 0;
    for (const view of this.#views.values()) {
      visit(view, at);
      at += view.size;
    }
  }

  get #size(): number {
    return this.specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  /**
   * Overwrites every parameter.
   * @throws ShapeError when a name is missing or an array has another size
   */
  fromArrays(arrays: Record<string, Floats>): void {
    for (const [name, view] of this.entries()) {
      const source = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
      if (source?.length !== view.size) {
        const found = source ? `${source.length} numbers` : 'nothing';
        throw new ShapeError(`parameters: "${name}" needs ${view.size} numbers, got ${found}.`);
      }
      view.data.set(source);
    }
  }
}

function paddedSize({ shape }: ParameterSpec): number {
  return Math.ceil(sizeOf(shape) / PADDING) * PADDING;
}

/** The numbers of each parameter, by name, as checkpoints hold them. */
export type NamedArrays = Record<string, Float32Array>;
