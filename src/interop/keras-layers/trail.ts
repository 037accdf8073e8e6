import { DataError } from '../../errors.ts';
import { titleOf, type LayerGraph, type LayerNode } from './graph.ts';
import { clipped } from './json.ts';
import { isIdle } from './settings.ts';

/** Goes back through the layers of a model, and knows through which it came. */
export class Trail {
  readonly #layers: LayerGraph['layers'];
  readonly #seen = new Set<string>();
  /** Layers that were passed since they do nothing outside of training. */
  readonly passed: LayerNode[] = [];

  constructor({ layers }: LayerGraph) {
    this.#layers = layers;
  }

  /**
   * The layer of that name, or what it reads where it does nothing outside of training.
   * @param reader the layer that reads it
   * @throws DataError where there is none
   */
  through(name: string, reader?: LayerNode): LayerNode {
    for (let [at, by] = [name, reader]; ;) {
      const node = this.#layers.get(at);
      if (!node) throw new DataError(`"${clipped(at)}" is no layer of this model${by ? `, and ${titleOf(by)} reads it` : ''}.`); // prettier-ignore
      const isNew = !this.#seen.has(at);
      this.#seen.add(at);
      if (!isIdle(node)) return node;
      if (isNew) this.passed.push(node);
      [[at], by] = [this.#only(node), node];
    }
  }

  /** The one layer that another reads. @throws DataError where it reads none, or several */
  onlySource(node: LayerNode): LayerNode {
    return this.through(this.#only(node)[0], node);
  }

  /** @throws DataError that names a layer through which no way led */
  assertAllSeen(): void {
    for (const [name, node] of this.#layers) {
      if (!this.#seen.has(name)) throw new DataError(`${titleOf(node)}: nothing that the model predicts reads it.`);
    }
  }

  #only(node: LayerNode): readonly [string] {
    if (node.reads.length === 1) return node.reads as readonly [string];
    throw new DataError(`${titleOf(node)}: expected to read one layer, got ${node.reads.length === 0 ? 'none' : node.reads.map((name) => `"${clipped(name)}"`).join(', ')}.`); // prettier-ignore
  }
}
