import { DataError } from '../../errors.ts';
import { sizeOf, type Floats } from '../../tensor/index.ts';
import { assertFinite, shown, type StateTensor } from '../state-dict.ts';
import { titleOf, type LayerNode } from './graph.ts';
import { clipped } from './json.ts';

/** One of the two cells of a Bidirectional. */
export type Direction = 'forward' | 'backward';

/**
 * The tensors of a layer by their own names: `kernel`, `recurrent_kernel`, `bias`, `embeddings`.
 * @param direction of a Bidirectional, whose cells have the same names
 */
export type WeightsOf = (layer: string, direction?: Direction) => ReadonlyMap<string, StateTensor>;

/** The tensors of all layers. */
export interface TensorsOfLayers {
  weightsOf: WeightsOf;
  /** Where a tensor lies in the file, for errors: `lstm/cell/vars/0`. */
  placeOf?: ((layer: string, name: string, direction?: Direction) => string) | undefined;
}

/** Takes the tensors that layers have to have, and knows which were left. */
export class LayerWeights {
  readonly #weightsOf: WeightsOf;
  readonly #placeOf: TensorsOfLayers['placeOf'];
  readonly #taken = new Set<StateTensor>();

  constructor({ weightsOf, placeOf }: TensorsOfLayers) {
    this.#weightsOf = weightsOf;
    this.#placeOf = placeOf;
  }

  /**
   * The numbers of a tensor of that shape.
   * @throws DataError where it is missing, has another shape, or holds numbers that are not finite
   */
  take(node: LayerNode, name: string, shape: readonly number[], direction?: Direction): Floats {
    const place = this.#placeOf?.(node.name, name, direction);
    const title = `${titleOf(node)}: ${direction ? `${direction} ` : ''}${name}${place === undefined ? '' : ` (${clipped(place)})`}`; // prettier-ignore
    const tensor = this.#weightsOf(node.name, direction).get(name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new DataError(`${title} should be [${shape.join(', ')}], and ${tensor ? `is [${tensor.shape.join(', ')}]` : 'is missing'}.`); // prettier-ignore
    }
    assertFinite(title, tensor);
    this.#taken.add(tensor);
    return tensor.data;
  }

  /** The same, or zeros for a layer without it. */
  takeOrZeros(has: boolean, ...wanted: Parameters<LayerWeights['take']>): Floats {
    return has ? this.take(...wanted) : new Float32Array(sizeOf(wanted[2]));
  }

  /** @throws DataError where a layer has tensors that nobody took */
  assertNoneLeft(nodes: Iterable<LayerNode>): void {
    for (const node of nodes) {
      for (const direction of [undefined, 'forward', 'backward'] as const) {
        for (const [name, tensor] of this.#weightsOf(node.name, direction)) {
          if (this.#taken.has(tensor)) continue;
          throw new DataError(`${titleOf(node)}: ${shown(name, tensor)} has no place in a model of Etude.`);
        }
      }
    }
  }
}
