import { DataError } from '../../errors.ts';
import { titleOf, type LayerGraph, type LayerNode } from './graph.ts';
import { clipped } from './json.ts';
import { actsInTrainingOnly } from './settings.ts';

/** Goes back through the layers of a model, and knows through which it came. */
export class Trail {
  readonly #layers: LayerGraph['layers'];
  readonly #seen = new Set<string>();
  /** Layers that were passed since they act in training only. */
  readonly passed: LayerNode[] = [];

  constructor({ layers }: LayerGraph) {
    this.#layers = layers;
  }

  /**
   * The layer of that name, or what it reads where it does something in training only.
   * @throws DataError where there is none
   */
  through(name: string): LayerNode {
    // One that reads itself would never end.
    for (let steps = 0, at = name; steps <= this.#layers.size; steps++) {
      const node = this.#layers.get(at);
      if (!node) throw new DataError(`"${clipped(at)}" is no layer of this model.`);
      const isNew = !this.#seen.has(at);
      this.#seen.add(at);
      if (!actsInTrainingOnly(node)) return node;
      if (isNew) this.passed.push(node);
      [at] = this.#only(node);
    }
    throw new DataError(`layer "${clipped(name)}" reads itself.`);
  }

  /** The one layer that another reads. @throws DataError where it reads none, or several */
  onlySource(node: LayerNode): LayerNode {
    return this.through(this.#only(node)[0]);
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
