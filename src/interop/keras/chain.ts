import { DataError } from '../../errors.ts';
import { shownValue, type KerasLayer, type KerasModel } from './config.ts';
import { lossWeightOf, meaningOf } from './meaning.ts';
import type { Head, Network, Weighted } from './network.ts';
import { activationOf, isRecurrent, readRecurrent, type ReadRecurrent } from './recurrent.ts';
import { asRecord, clipped, listed } from './values.ts';

/** Layers that do nothing but in training, or nothing at all. */
const IDLE = ['Dropout', 'SpatialDropout1D', 'AlphaDropout', 'GaussianDropout', 'GaussianNoise', 'ActivityRegularization', 'Identity']; // prettier-ignore

/** What a layer gives. */
type Flow =
  | { stage: 'input' }
  | { stage: 'embedding'; layer: Weighted }
  /** @param after the recurrent layers up to this one */
  | { stage: 'recurrent'; after: number }
  | { stage: 'dense'; after: number; layer: Weighted; activation: unknown; hidden?: Weighted };

const STAGES = {
  input: 'what goes in',
  embedding: 'an embedding',
  recurrent: 'a recurrent layer',
  dense: 'a Dense layer',
} as const;

/**
 * What of a model is one of Etude: at most one embedding, recurrent layers in a chain, and heads that read the last of them, each with a relu
 * layer in front of it or none.
 *
 * @throws DataError that names the first layer which has no place in a model of Etude, or of which something changes what it says
 */
export function networkOf({ layers, outputs, compile }: KerasModel): Network {
  const walk = new Walk(layers);
  const heads = outputs.map((name, k): Head => {
    const flow = walk.at(name, 'the model');
    if (flow.stage !== 'dense') throw new DataError(`${name}: what the model gives is that of ${STAGES[flow.stage]}; expected Dense layers, its heads.`); // prettier-ignore
    const { layer, activation, hidden } = flow;
    const meaning = meaningOf(layer.name, activation, compile, k);
    return { ...layer, ...(hidden && { hidden }), ...(meaning && { meaning }), lossWeight: lossWeightOf(layer.name, compile, k) }; // prettier-ignore
  });
  if (heads.length === 0) throw new DataError('the model has no outputs.');
  walk.assertUsed(outputs);
  const { recurrent, embedding, notes } = walk;
  if (recurrent.length === 0) throw new DataError(`no recurrent layer is in this model: expected LSTM, GRU, SimpleRNN, or Bidirectional with one of them. There are ${listed(layers.map(({ name, className }) => `${name} (${className})`))}.`); // prettier-ignore
  for (const name of outputs) {
    const flow = walk.at(name, 'the model');
    if ('after' in flow && flow.after < recurrent.length) throw new DataError(`${name} reads ${recurrent[flow.after - 1].name}, and not the last recurrent layer, ${recurrent[recurrent.length - 1].name}, as Etude's heads do.`); // prettier-ignore
  }
  const stuck = recurrent.slice(0, -1).find(({ returnsSequences }) => !returnsSequences);
  if (stuck) throw new DataError(`${stuck.name}: return_sequences is false, and ${recurrent[recurrent.indexOf(stuck) + 1].name} reads it.`); // prettier-ignore
  const lastOnly = !recurrent[recurrent.length - 1].returnsSequences;
  return { ...(embedding && { embedding }), recurrent, heads, lastOnly, notes };
}

/** Goes through the layers in their order, each of which reads one before. */
class Walk {
  embedding: Weighted | undefined;
  readonly recurrent: ReadRecurrent[] = [];
  readonly notes: string[] = [];
  readonly #flows = new Map<string, Flow>();
  readonly #read = new Set<string>();

  constructor(layers: readonly KerasLayer[]) {
    for (const layer of layers) this.#flows.set(layer.name, this.#through(layer));
  }

  at(name: string, who: string): Flow {
    const flow = this.#flows.get(name);
    if (!flow) throw new DataError(`${who} reads ${name}, which is none of the layers before it.`);
    return flow;
  }

  /** @throws DataError where something that was computed is read by nothing */
  assertUsed(outputs: readonly string[]): void {
    const left = [...this.#flows.keys()].find((name) => !this.#read.has(name) && !outputs.includes(name));
    if (left !== undefined) throw new DataError(`${left} is read by no other layer, and is none of the model's outputs.`); // prettier-ignore
  }

  #through(layer: KerasLayer): Flow {
    const { name, className, config, reads, uses, group } = layer;
    if (className === 'InputLayer') return { stage: 'input' };
    if (uses !== 1 || reads.length > 1) throw new DataError(`${name} (${clipped(className)}) ${uses === 1 ? `reads ${listed(reads)}` : `is used ${uses} times`}; every layer of Etude reads one other, once.`); // prettier-ignore
    // The first layer of a Sequential model need not be an input.
    const from: Flow = reads.length === 0 ? { stage: 'input' } : this.at(reads[0], name);
    for (const read of reads) this.#read.add(read);
    if (className === 'Embedding') return this.#embedding(layer, from);
    if (isRecurrent(layer)) return this.#recurrent(layer, from);
    if (className === 'Dense') return dense(layer, from, { name, at: `${group}/vars`, useBias: config.use_bias !== false }); // prettier-ignore
    if (className === 'TimeDistributed') return distributed(layer, from);
    if (className === 'Activation' || className === 'Softmax') return activated(layer, from);
    if (IDLE.includes(className)) return from;
    if (className === 'Masking') throw masked(name);
    throw new DataError(`${name} (${clipped(className)}) has no place in a model of Etude: expected Embedding, LSTM, GRU, SimpleRNN, Bidirectional, Dense, TimeDistributed, Activation or Dropout.`); // prettier-ignore
  }

  #embedding({ name, config, group }: KerasLayer, from: Flow): Flow {
    if (config.mask_zero === true) throw masked(name);
    if (from.stage !== 'input' || this.embedding) throw new DataError(`${name} reads ${STAGES[from.stage]}${this.embedding ? `, and there is ${this.embedding.name}` : ''}; expected one Embedding, of what goes in.`); // prettier-ignore
    this.embedding = { name, at: `${group}/vars` };
    return { stage: 'embedding', layer: this.embedding };
  }

  #recurrent(layer: KerasLayer, from: Flow): Flow {
    const { name, config } = layer;
    const found = readRecurrent(layer);
    const before = this.recurrent.at(-1);
    const after = from.stage === 'recurrent' ? from.after : 0;
    if (from.stage === 'dense' || after !== this.recurrent.length) {
      throw new DataError(`${name} reads ${from.stage === 'dense' ? from.layer.name : 'what another recurrent layer reads'}; expected recurrent layers in one chain behind the input or its embedding.`); // prettier-ignore
    }
    if (before && (before.cell !== found.cell || before.cells.length !== found.cells.length)) {
      throw new DataError(`${name} is another kind of layer than ${before.name} (${kindOf(found)}, ${kindOf(before)}); the recurrent layers of a model of Etude are of one kind.`); // prettier-ignore
    }
    if (config.stateful === true) this.notes.push(`${name}: stateful. In Etude whoever runs a model carries its state: a Stepper, or a stream.`); // prettier-ignore
    return { stage: 'recurrent', after: this.recurrent.push(found) };
  }
}

function kindOf({ cell, cells }: ReadRecurrent): string {
  return `${cells.length > 1 ? 'bidirectional ' : ''}${cell}`;
}

function dense({ name, config }: KerasLayer, from: Flow, layer: Weighted): Flow {
  const activation = activationOf(config.activation, name);
  if (from.stage === 'recurrent') return { stage: 'dense', after: from.after, layer, activation };
  if (from.stage === 'dense' && !from.hidden && from.activation === 'relu') {
    return { stage: 'dense', after: from.after, layer, activation, hidden: from.layer };
  }
  const what = from.stage === 'dense' ? `${from.layer.name}, a Dense layer with activation ${shownValue(from.activation)}` : STAGES[from.stage]; // prettier-ignore
  throw new DataError(`${name} is a Dense layer that reads ${what}; expected the last recurrent layer, or one Dense layer with relu on it.`); // prettier-ignore
}

function distributed(layer: KerasLayer, from: Flow): Flow {
  const inner = asRecord(layer.config.layer);
  const config = asRecord(inner?.config);
  if (inner?.class_name !== 'Dense' || !config) throw new DataError(`${layer.name} wraps ${shownValue(inner?.class_name)}; expected TimeDistributed(Dense).`); // prettier-ignore
  const { name, group } = layer;
  return dense({ ...layer, config }, from, { name, at: `${group}/layer/vars`, useBias: config.use_bias !== false });
}

function activated({ name, className, config }: KerasLayer, from: Flow): Flow {
  const activation = className === 'Softmax' ? 'softmax' : activationOf(config.activation, name);
  if (activation === 'linear') return from;
  if (from.stage === 'dense' && from.activation === 'linear') return { ...from, activation };
  throw new DataError(`${name} (${className}: ${shownValue(activation)}) stands behind ${STAGES[from.stage]}; expected it behind a Dense layer without an activation.`); // prettier-ignore
}

function masked(name: string): DataError {
  return new DataError(`${name}: it masks steps (${name === 'masking' ? 'Masking' : 'mask_zero or Masking'}), which the layers behind it then leave out; Etude's do not. In Etude each sequence has its own length, and needs no padding: save the model without the mask (mask_zero=False, no Masking), and leave padding away.`); // prettier-ignore
}
