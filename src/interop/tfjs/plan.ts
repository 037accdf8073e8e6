import { DataError, UsageError } from '../../errors.ts';
import type { CellPlace } from '../../nn/index.ts';
import type { JsonObject } from '../keras-layers/json.ts';

/** Where the numbers of a weight are in a model of ours. */
export type Origin =
  | { parameter: string }
  /** What is to be kept as it is: row k of it is class k as a one-hot vector. */
  | { oneHot: number }
  | { cell: CellPlace; part: 'kernel' | 'recurrent_kernel' | 'bias' };

/** A weight of the exported model. */
export interface PlannedWeight {
  /** `lstm.0/kernel`. */
  name: string;
  shape: number[];
  from: Origin;
}

/** An input or output of it. */
export interface PlannedPort {
  name: string;
  type: 'int32' | 'float32';
  shape: (number | string)[];
  help: string;
}

/** A layer as TensorFlow.js describes it. */
export interface PlannedLayer {
  name: string;
  class_name: string;
  config: JsonObject;
  inbound_nodes: unknown[];
}

/** What TensorFlow.js takes for the name of a weight, and so of a layer, but for `/`, which ends it. */
const NAME = /^[A-Za-z0-9][-A-Za-z0-9._]*$/;

/** A model of TensorFlow.js under construction: layers, weights, and what goes in and out. */
export class Plan {
  readonly layers: PlannedLayer[] = [];
  readonly weights: PlannedWeight[] = [];
  readonly inputs: PlannedPort[] = [];
  readonly outputs: PlannedPort[] = [];
  readonly #names = new Set<string>();

  /** An input, [batch, steps] or [batch, steps, numbers]. @returns its name */
  input(port: PlannedPort): string {
    const { name, type, shape } = port;
    const sizes = shape.map((size) => (typeof size === 'number' ? size : null));
    this.inputs.push(port);
    return this.#add('InputLayer', name, { batch_input_shape: sizes, dtype: type, sparse: false }, []);
  }

  /**
   * A layer that reads others.
   * @param weights by their own names: `kernel`; of a Bidirectional `forward_lstm.0/kernel`
   * @returns its name
   */
  layer(className: string, name: string, config: JsonObject, reads: readonly string[], weights: Readonly<Record<string, Omit<PlannedWeight, 'name'>>> = {}): string {
    for (const [own, weight] of Object.entries(weights)) this.weights.push({ name: `${name}/${own}`, ...weight });
    return this.#add(className, name, { trainable: true, ...config }, reads);
  } // prettier-ignore

  #add(className: string, name: string, config: JsonObject, reads: readonly string[]): string {
    if (!NAME.test(name)) throw new UsageError(`TensorFlow.js: no layer can be called ${JSON.stringify(name)}: expected letters, digits, ".", "_" and "-".`); // prettier-ignore
    if (this.#names.has(name)) throw new DataError(`TensorFlow.js: two parts of this model would be called "${name}".`);
    this.#names.add(name);
    const inbound = reads.length === 0 ? [] : [reads.map((read) => [read, 0, 0, {}])];
    this.layers.push({ name, class_name: className, config: { ...config, name }, inbound_nodes: inbound });
    return name;
  }
}

/** Layers begin with zeros, which are quickly made: their weights follow. */
export const ZEROS = { class_name: 'Zeros', config: {} };

/** A table [classes, width] of which a class reads its row. @param reads an input of classes. @returns its name */
export function addTable(plan: Plan, name: string, [size, width]: [number, number], reads: string, from: Origin): string {
  const config = { input_dim: size, output_dim: width, embeddings_initializer: ZEROS, mask_zero: false, trainable: !('oneHot' in from) };
  return plan.layer('Embedding', name, config, [reads], { embeddings: { shape: [size, width], from } });
} // prettier-ignore
