import { DataError } from '../../errors.ts';
import { shown, type StateDict } from '../state-dict.ts';
import { listed } from './values.ts';
import type { Head, KerasCell, Network, Recurrent, Weighted } from './network.ts';

/** `dense_1`: a class and its number. */
const GROUP = /^(?<stem>lstm|gru|simple_rnn|bidirectional|embedding|dense|time_distributed)(?:_(?<number>\d{1,3}))?$/;

/** What to do where the file does not say enough. */
const REMEDY =
  'Save the model whole, model.save("model.keras"), or give what model.to_json() writes: --config FILE.json';

/**
 * The network of a `.weights.h5`, which says no more than classes of layers, their order within a class, and shapes. What leaves open what
 * the model says is refused.
 *
 * @throws DataError that names the group, and says what to do
 */
export function networkInGroups(tensors: StateDict): Network {
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
  const heads = [...of('dense'), ...of('time_distributed')].map(headIn);
  if (heads.length === 0) throw new DataError(`no head is in this file: expected dense or time_distributed. There are ${listed(groups)}.`); // prettier-ignore
  assertHeads(tensors, heads, recurrent[recurrent.length - 1]);
  return {
    ...(tables.length > 0 && { embedding: weighted(tables[0], 'vars') }),
    recurrent,
    heads,
    lastOnly: false,
    notes: ['The file holds weights alone. It is taken for a model with the activations that Keras gives its layers by default, without masks, and asked at every step; --config FILE.json, of model.to_json(), says it all.'], // prettier-ignore
  };
} // prettier-ignore

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

function weighted(group: string, rest: string): Weighted {
  return { name: group, at: `${group}/${rest}` };
}

function recurrentIn(tensors: StateDict, group: string, kind: 'lstm' | 'gru'): Recurrent {
  const cell = weighted(group, 'cell/vars');
  return { name: group, cell: kind === 'gru' ? gruOf(tensors, cell) : kind, cells: [cell] };
}

/** A GRU has two rows of biases where it resets behind the product (`reset_after=True`). */
function gruOf(tensors: StateDict, { name, at }: Weighted): KerasCell {
  const bias = tensors.get(`${at}/2`);
  if (bias) return bias.shape.length === 2 ? 'gru' : 'gru-before';
  throw new DataError(`${name}: without a bias the file does not say whether it resets before or behind the product (reset_after). ${REMEDY}.`); // prettier-ignore
}

function headIn(group: string): Head {
  return { ...weighted(group, group.startsWith('dense') ? 'vars' : 'layer/vars'), lossWeight: 1 };
}

/** @throws DataError where Dense layers may stand behind one another */
function assertHeads(tensors: StateDict, heads: readonly Head[], { cells: [{ at }] }: Recurrent): void {
  const units = tensors.get(`${at}/1`)?.shape[0];
  if (heads.length === 1 || units === undefined) return;
  for (const head of heads) {
    const kernel = tensors.get(`${head.at}/0`);
    if (kernel?.shape.length !== 2 || (kernel.shape[0] === units && kernel.shape[1] !== units)) continue;
    throw new DataError(`${shown(`${head.at}/0`, kernel)} may be a layer in front of a head, and the file does not say so. ${REMEDY}.`); // prettier-ignore
  }
}
