import { DataError } from '../../errors.ts';
import { listed, type JsonObject } from '../keras-layers/json.ts';
import { listTensors, shown, type StateDict } from '../state-dict.ts';
import type { KerasModel } from './config.ts';

/** `dense_1`: a class and its number. */
const GROUP = /^(?<stem>lstm|gru|simple_rnn|bidirectional|embedding|dense|time_distributed)(?:_(?<number>\d{1,3}))?$/;

/** What to do where the file does not say enough. */
const REMEDY =
  'Save the model whole, model.save("model.keras"), or give what model.to_json() writes: --config FILE.json';

/** What is said of such a model. */
export const ALONE =
  'The file holds weights alone. It is taken for a model with the activations that Keras gives its layers by default, without masks, and asked at every step; --config FILE.json, of model.to_json(), says it all.';

/**
 * The layers of a `.weights.h5`, which says no more than classes of layers, their order within a class, and shapes. What leaves open what
 * the model says is refused.
 *
 * @throws DataError that names the group, and says what to do
 */
export function modelInGroups(tensors: StateDict): KerasModel {
  const groups = groupsIn(tensors);
  const of = (stem: string): string[] => groups.filter((group) => GROUP.exec(group)!.groups!.stem === stem);
  const kinds = ['lstm', 'gru', 'simple_rnn', 'bidirectional'].filter((stem) => of(stem).length > 0);
  if (kinds.length !== 1) {
    throw new DataError(kinds.length === 0 ? `no recurrent layer is in this file: expected lstm or gru. There are ${listed(groups)}.` : `the file has layers of several kinds, ${kinds.join(' and ')}; the recurrent layers of a model of Etude are of one kind.`); // prettier-ignore
  }
  const [kind] = kinds;
  if (kind === 'bidirectional') throw new DataError(`bidirectional: the file does not say whether heads are asked at every step or once (return_sequences), and in both directions that is another answer. ${REMEDY}.`); // prettier-ignore
  if (kind === 'simple_rnn') throw new DataError(`simple_rnn: the file does not say whether its activation is tanh, as Etude's is, or relu. ${REMEDY}.`); // prettier-ignore
  const tables = of('embedding');
  if (tables.length > 1) throw new DataError(`the file has the embeddings ${tables.join(', ')}; one is read, of what goes in.`); // prettier-ignore
  const recurrent = of(kind).map((group) => recurrentIn(tensors, group, kind as 'lstm' | 'gru'));
  const heads = [...of('dense'), ...of('time_distributed')].map((group) => denseIn(tensors, group));
  if (heads.length === 0) throw new DataError(`no head is in this file: expected dense or time_distributed. There are ${listed(groups)}.`); // prettier-ignore
  assertHeads(heads, recurrent[recurrent.length - 1]);
  const chain = [inputOf(tables, recurrent[0]), ...tables.map((group) => embeddingIn(tensors, group)), ...recurrent];
  const layers = [...chain.map((layer, k) => reading(layer, chain.slice(Math.max(k - 1, 0), k))), ...heads.map((head) => reading(head, chain.slice(-1)))]; // prettier-ignore
  const output_layers = heads.map(({ name }) => [name, 0, 0]);
  return {
    config: { class_name: 'Functional', config: { layers, output_layers } },
    groups: new Map(groups.map((group) => [group, group])),
    compile: {},
  };
} // prettier-ignore

/** A layer, as Keras 2 describes it, and what goes in and out. */
interface ShapedLayer {
  name: string;
  class_name: string;
  config: JsonObject;
  inputs: number;
  outputs: number;
}

function reading({ name, class_name, config }: ShapedLayer, before: readonly ShapedLayer[]): JsonObject {
  return { name, class_name, config, inbound_nodes: before.length > 0 ? [before.map((layer) => [layer.name, 0, 0])] : [] }; // prettier-ignore
}

/** In the order of their numbers. @throws DataError that names weights of another layer */
function groupsIn(tensors: StateDict): string[] {
  const groups = new Set<string>();
  for (const [path, tensor] of tensors) {
    const group = path.slice(0, path.indexOf('/'));
    if (!GROUP.test(group)) throw new DataError(`${shown(path, tensor)} has no place in a model of Etude: expected layers that are called embedding, lstm, gru, dense or time_distributed, with a number behind it. ${REMEDY}.`); // prettier-ignore
    groups.add(group);
  }
  const number = (group: string): number => Number(GROUP.exec(group)!.groups!.number ?? 0);
  return [...groups].sort((a, b) => number(a) - number(b));
}

/** What goes in: one class of an embedding a step, or numbers. */
function inputOf(tables: readonly string[], { inputs }: ShapedLayer): ShapedLayer {
  // No group is called so.
  const shape = tables.length > 0 ? [null, null] : [null, null, inputs];
  return { name: 'input', class_name: 'InputLayer', config: { batch_shape: shape }, inputs, outputs: inputs };
}

function embeddingIn(tensors: StateDict, name: string): ShapedLayer {
  const [inputs, outputs] = matrix(tensors, `${name}/vars/0`, () => true, '[classes, width], a table of embeddings');
  return { name, class_name: 'Embedding', config: { input_dim: inputs, output_dim: outputs }, inputs, outputs };
}

/** A GRU has two rows of biases where it resets behind the product (`reset_after=True`). */
function recurrentIn(tensors: StateDict, name: string, kind: 'lstm' | 'gru'): ShapedLayer {
  const at = `${name}/cell/vars`;
  const gates = kind === 'lstm' ? 4 : 3;
  const [units] = matrix(tensors, `${at}/1`, ([H, columns]) => columns === gates * H, `[H, ${gates}H], the recurrent kernel of ${name}`); // prettier-ignore
  const [inputs] = matrix(tensors, `${at}/0`, ([, columns]) => columns === gates * units, `[inputs, ${gates * units}], the kernel of ${name}`); // prettier-ignore
  const bias = tensors.get(`${at}/2`);
  if (kind === 'gru' && !bias) throw new DataError(`${name}: without a bias the file does not say whether it resets before or behind the product (reset_after). ${REMEDY}.`); // prettier-ignore
  const config = { units, use_bias: bias !== undefined, return_sequences: true, reset_after: bias?.shape.length === 2 };
  return { name, class_name: kind.toUpperCase(), config, inputs, outputs: units };
}

function denseIn(tensors: StateDict, name: string): ShapedLayer {
  const isDense = name.startsWith('dense');
  const at = `${name}/${isDense ? 'vars' : 'layer/vars'}`;
  const [inputs, outputs] = matrix(tensors, `${at}/0`, () => true, `[inputs, outputs], the kernel of ${name}`);
  const config = { units: outputs, use_bias: tensors.has(`${at}/1`) };
  const shaped = { name, inputs, outputs };
  if (isDense) return { ...shaped, class_name: 'Dense', config };
  return { ...shaped, class_name: 'TimeDistributed', config: { layer: { class_name: 'Dense', config } } };
}

/** The shape of a matrix. @throws DataError where it is missing or another */
function matrix(tensors: StateDict, path: string, fits: (shape: readonly number[]) => boolean, what: string): number[] {
  const tensor = tensors.get(path);
  if (!tensor) throw new DataError(`${path} is missing: expected ${what}. There are:${listTensors(tensors.keys(), tensors)}`); // prettier-ignore
  const { shape } = tensor;
  if (shape.length === 2 && shape.every((size) => size > 0) && fits(shape)) return [...shape];
  throw new DataError(`${shown(path, tensor)}: expected ${what}.`);
}

/** @throws DataError where Dense layers may stand behind one another */
function assertHeads(heads: readonly ShapedLayer[], { outputs: units }: ShapedLayer): void {
  if (heads.length === 1) return;
  const unclear = heads.find(({ inputs, outputs }) => inputs !== units || outputs === units);
  if (!unclear) return;
  const { name, inputs, outputs } = unclear;
  throw new DataError(`${name}, whose kernel is [${inputs}, ${outputs}], may be a layer in front of a head, and the file does not say so. ${REMEDY}.`); // prettier-ignore
}
