import { DataError } from '../../errors.ts';
import { assertFinite, listTensors, shown, type StateDict, type StateTensor } from '../state-dict.ts';
import { readHdf5 } from './hdf5.ts';
import { listed } from './values.ts';

/** Where Keras 3 keeps the weights of layers, and where TensorFlow 2.13 did. */
const PLACES = ['layers/', '_layer_checkpoint_dependencies/'] as const;

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

/** Hands out the weights of layers, and knows which nobody asked for. */
export class LayerWeights {
  readonly #tensors: StateDict;
  readonly #left: Set<string>;

  constructor(tensors: StateDict) {
    this.#tensors = tensors;
    this.#left = new Set([...tensors.keys()].filter((name) => !STATES.test(name)));
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * @param expected whether a shape is the right one
   * @param what it should be, for the error
   * @throws DataError where it is missing, has another shape or numbers that are not finite
   */
  take(name: string, expected: (shape: readonly number[]) => boolean, what: string): StateTensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new DataError(`${name} is missing: expected ${what}. There are:${this.list()}`);
    if (!expected(tensor.shape)) throw new DataError(`${shown(name, tensor)}: expected ${what}.`);
    assertFinite(name, tensor);
    this.#left.delete(name);
    return tensor;
  }

  /** @throws DataError that names weights which no layer has */
  assertAllTaken(): void {
    const [name] = this.#left;
    if (name === undefined) return;
    throw new DataError(`${shown(name, this.#tensors.get(name)!)} has no place in a model of Etude, or belongs to no layer of the configuration.`); // prettier-ignore
  }

  /** All of them, a line each. */
  list(): string {
    return listTensors(this.#tensors.keys(), this.#tensors);
  }
}
