import { DataError } from '../../errors.ts';
import { clipped } from '../keras-layers/json.ts';
import type { Direction, WeightsOf } from '../keras-layers/weights.ts';
import type { StateDict, StateTensor } from '../state-dict.ts';

/** The tensors of layers, and the names of those layers. */
export interface TensorsOfLayers {
  weightsOf: WeightsOf;
  layers: ReadonlySet<string>;
}

/**
 * Tensors by the layers that they belong to: `lstm/kernel`, as Python's converter writes it `lstm/lstm_cell/kernel`, and
 * `bidirectional/forward_lstm/kernel`.
 * @throws DataError where a name says no layer, or two say the same
 */
export function tensorsOfLayers(tensors: StateDict): TensorsOfLayers {
  const found = new Map<string, Map<string, StateTensor>>();
  const layers = new Set<string>();
  for (const [name, tensor] of tensors) {
    const parts = name.split('/');
    const [layer, wrapped] = parts;
    if (parts.length < 2) throw new DataError(`weightsManifest: "${clipped(name)}" says no layer; expected a name such as "lstm/kernel".`); // prettier-ignore
    const direction = parts.length > 2 ? /^(forward|backward)_/.exec(wrapped)?.[1] : undefined;
    const key = keyOf(layer, direction as Direction | undefined);
    const own = parts[parts.length - 1];
    const of = found.get(key) ?? new Map<string, StateTensor>();
    if (of.has(own)) throw new DataError(`weightsManifest: two weights are the ${clipped(own)} of layer "${clipped(layer)}".`); // prettier-ignore
    found.set(key, of.set(own, tensor));
    layers.add(layer);
  }
  return { weightsOf: (layer, direction) => found.get(keyOf(layer, direction)) ?? new Map(), layers };
}

function keyOf(layer: string, direction: Direction | undefined): string {
  return `${direction ?? ''}/${layer}`;
}
