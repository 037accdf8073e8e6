import { DataError } from '../../errors.ts';
import { listed } from '../keras-layers/json.ts';
import type { Direction, TensorsOfLayers } from '../keras-layers/weights.ts';
import { shown, type StateDict, type StateTensor } from '../state-dict.ts';
import { readHdf5 } from './hdf5.ts';

/** Where Keras 3 keeps the weights of layers, and where TensorFlow 2.13 did. */
const PLACES = ['layers/', '_layer_checkpoint_dependencies/'] as const;

/** What a layer calls its weights, in the order of their numbers, and where they lie in its group: in that of one direction or both. */
interface Place {
  names: readonly string[];
  folders: readonly [Direction | undefined, string][];
}

const CELL = ['kernel', 'recurrent_kernel', 'bias'];

/** By classes as groups are called after them; others have theirs where a Dense has them. */
const PLACES_OF = new Map<string, Place>([
  ...['lstm', 'gru', 'simple_rnn'].map((stem): [string, Place] => [stem, { names: CELL, folders: [[undefined, 'cell/vars']] }]),
  ['bidirectional', { names: CELL, folders: [['forward', 'forward_layer/cell/vars'], ['backward', 'backward_layer/cell/vars']] }],
  ['embedding', { names: ['embeddings'], folders: [[undefined, 'vars']] }],
  ['time_distributed', { names: ['kernel', 'bias'], folders: [[undefined, 'layer/vars']] }],
  ['dense', { names: ['kernel', 'bias'], folders: [[undefined, 'vars']] }],
]); // prettier-ignore

/** States that a stateful layer keeps beside its cell. */
const STATES = /^(lstm|gru|simple_rnn|bidirectional)(_\d+)?\/((forward|backward)_layer\/)?vars\//;

/**
 * The weights of layers in a file of Keras, by their names behind `layers/`: `lstm_1/cell/vars/0`. Optimizers, metrics and seeds are left out.
 * @throws DataError where the file is damaged, of Keras 2, or of a model that is no Sequential or Functional
 */
export async function readLayerWeights(bytes: Uint8Array): Promise<StateDict> {
  const paths: string[] = [];
  const tensors = await readHdf5(bytes, (path) => {
    paths.push(path);
    return PLACES.some((place) => path.startsWith(place)) && !path.includes('/seed_generator/');
  });
  if (paths.some((path) => path.endsWith(':0') || path.startsWith('model_weights/'))) {
    throw new DataError('this is a file of Keras 2 (.h5). Load it there or in Keras 3 and save it anew: keras.models.load_model("model.h5").save("model.keras").'); // prettier-ignore
  }
  const place = PLACES.find((each) => [...tensors.keys()].some((path) => path.startsWith(each)));
  if (place === undefined) {
    throw new DataError(`no weights of layers are in this file: expected datasets such as layers/lstm/cell/vars/0, as model.save_weights("model.weights.h5") of a Sequential or Functional model writes them. There are: ${listed(paths) || 'none'}.`); // prettier-ignore
  }
  const own = [...tensors].filter(([path]) => path.startsWith(place));
  return new Map(own.map(([path, tensor]) => [path.slice(place.length), tensor]));
}

/**
 * The weights of layers by what layers call them, from `readLayerWeights`.
 * @param groups the groups of layers, by their names
 * @throws DataError that names weights of a group which no layer has
 */
export function tensorsOfLayers(tensors: StateDict, groups: ReadonlyMap<string, string>): TensorsOfLayers {
  const left = new Map([...groups.values()].map((group) => [group, new Map<string, StateTensor>()]));
  for (const [path, tensor] of tensors) {
    if (STATES.test(path)) continue;
    const slash = path.indexOf('/');
    const group = left.get(path.slice(0, slash));
    if (!group) throw new DataError(`${shown(path, tensor)} has no place in a model of Etude, or belongs to no layer of the configuration.`); // prettier-ignore
    group.set(path.slice(slash + 1), tensor);
  }
  const found = new Map<string, ReadonlyMap<string, StateTensor>>();
  for (const [layer, group] of groups) {
    const tensorsOf = left.get(group)!;
    const { names, folders } = placeIn(group);
    for (const [direction, folder] of folders) {
      const named = names.map((name, k) => [name, take(tensorsOf, `${folder}/${k}`)] as const);
      found.set(keyOf(layer, direction), new Map(named.filter((entry): entry is [string, StateTensor] => entry[1] !== undefined)));
    }
    // What nobody takes is refused by the name of its layer.
    found.set(keyOf(layer), new Map([...(found.get(keyOf(layer)) ?? []), ...tensorsOf]));
  }
  return {
    weightsOf: (layer, direction) => found.get(keyOf(layer, direction)) ?? new Map<string, StateTensor>(),
    placeOf: (layer, name, direction) => {
      const group = groups.get(layer)!;
      const { names, folders } = placeIn(group);
      return `${group}/${folders.find(([each]) => each === direction)?.[1] ?? 'vars'}/${names.indexOf(name)}`;
    },
  };
} // prettier-ignore

function placeIn(group: string): Place {
  return PLACES_OF.get(group.replace(/_\d+$/, '')) ?? PLACES_OF.get('dense')!;
}

function take(tensors: Map<string, StateTensor>, path: string): StateTensor | undefined {
  const tensor = tensors.get(path);
  tensors.delete(path);
  return tensor;
}

function keyOf(layer: string, direction: Direction | undefined = undefined): string {
  return `${direction ?? ''}/${layer}`;
}
