import { UsageError } from '../errors.ts';
import { sizeOf, type Shape } from '../tensor/index.ts';

/**
 * An input that is one of `size` classes, given as an index. The network sees it as a one-hot vector, or, where `width` is
 * given, as the row of a trained table [size, width]: an embedding.
 */
export interface CategoricalInput {
  name: string;
  size: number;
  width?: number;
}

/** What the network predicts, each head a Dense layer on the output of the last LSTM. */
export type HeadSpec =
  | {
      name: string;
      /** Softmax over `size` classes, trained with cross-entropy from logits. */
      kind: 'categorical';
      size: number;
      lossWeight: number;
      /**
       * The names of heads before this one whose classes it reads: those that are drawn first. In training it reads what they
       * should have said.
       */
      reads?: string[];
      /** The units of a relu layer between what the head reads and its logits, beside the direct path; none unless given. */
      hidden?: number;
    }
  | {
      name: string;
      /** One number, trained with the squared error plus `positivePressure` · max(-p, 0). */
      kind: 'scalar';
      lossWeight: number;
      positivePressure: number;
    };

/** The architecture of a model: all that is needed to build it, as plain JSON. */
export interface ModelSpec {
  inputs: {
    categories: CategoricalInput[];
    /** Names of the numbers that go in beside the categories, in order. */
    features: string[];
    /** Whether embeddings are added up, which takes one width, or joined end to end; `sum` unless given. */
    combine?: 'sum' | 'join';
    /** The part of the embeddings and features that training drops, in [0, 1); nothing unless given. */
    dropout?: number;
  };
  lstm: {
    layers: number;
    hiddenSize: number;
    /** The part of each LSTM layer's output that training drops, in [0, 1). */
    dropout: number;
  };
  heads: HeadSpec[];
  /** Whether the loss looks at the last step of a window, as the tutorial does, or at every step. */
  lossOn: 'last' | 'all';
}

/** A trainable tensor of a model. */
export interface ParameterSpec {
  /** `lstm.0.kernel`, `lstm.0.recurrent_kernel`, `lstm.0.bias`, `heads.pitch.kernel`, `heads.pitch.bias`. */
  name: string;
  shape: Shape;
  /** `glorot`: uniform by fan-in and fan-out; `orthogonal`; `zeros`; `forget`: zeros, ones for the forget gate. */
  initializer: 'glorot' | 'orthogonal' | 'zeros' | 'forget';
}

/** The width of the vector that enters the first LSTM: all categories as one-hot, then the features. */
export function inputWidth(spec: ModelSpec): number {
  return spec.inputs.categories.reduce((sum, { size }) => sum + size, 0) + spec.inputs.features.length;
}

/** The number of outputs of a head. */
export function headSize(head: HeadSpec): number {
  return head.kind === 'categorical' ? head.size : 1;
}

/**
 * Every trainable tensor of the model in the order in which they stand in memory and in checkpoints. Layouts are those of
 * Keras: kernel [in, 4H], recurrent kernel [H, 4H], bias [4H], with the gates in the order i f g o.
 */
export function parameterSpecs(spec: ModelSpec): ParameterSpec[] {
  const { layers, hiddenSize } = spec.lstm;
  const list: ParameterSpec[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const inputs = layer === 0 ? inputWidth(spec) : hiddenSize;
    list.push(
      { name: `lstm.${layer}.kernel`, shape: [inputs, 4 * hiddenSize], initializer: 'glorot' },
      { name: `lstm.${layer}.recurrent_kernel`, shape: [hiddenSize, 4 * hiddenSize], initializer: 'orthogonal' },
      { name: `lstm.${layer}.bias`, shape: [4 * hiddenSize], initializer: 'forget' },
    );
  }
  for (const head of spec.heads) {
    const size = headSize(head);
    list.push(
      { name: `heads.${head.name}.kernel`, shape: [hiddenSize, size], initializer: 'glorot' },
      { name: `heads.${head.name}.bias`, shape: [size], initializer: 'zeros' },
    );
  }
  return list;
}

/** The number of trainable numbers; 84,354 for the tutorial's model. */
export function parameterCount(spec: ModelSpec): number {
  return parameterSpecs(spec).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Checks an architecture, for instance one read from a file.
 * @throws UsageError that names the first thing that is wrong
 */
export function validateSpec(spec: ModelSpec): ModelSpec {
  const { inputs, lstm, heads } = spec;
  for (const { name, size } of inputs.categories) assertWhole(`inputs.categories ${name}: size`, size, 1, 1 << 20);
  if (inputWidth(spec) === 0) throw new UsageError('model: it has no inputs; give at least one category or feature.');
  assertWhole('lstm.layers', lstm.layers, 1, 64);
  assertWhole('lstm.hiddenSize', lstm.hiddenSize, 1, 1 << 16);
  if (!(lstm.dropout >= 0 && lstm.dropout < 1)) {
    throw new UsageError(`lstm.dropout: expected a number from 0 up to, not including, 1, got ${lstm.dropout}.`);
  }
  if (heads.length === 0) throw new UsageError('model: it has no heads; there is nothing to learn.');
  const names = [...inputs.features, ...inputs.categories.map(({ name }) => name)];
  assertUnique('inputs', names);
  assertUnique('heads', heads.map(({ name }) => name)); // prettier-ignore
  for (const head of heads) validateHead(head);
  if (spec.lossOn !== 'last' && spec.lossOn !== 'all') {
    throw new UsageError(`lossOn: expected "last" or "all", got ${JSON.stringify(spec.lossOn)}.`);
  }
  return spec;
}

function validateHead(head: HeadSpec): void {
  const where = `heads ${head.name}`;
  // One class is allowed: the durations of a corpus may all be the same, and such a head has nothing left to learn.
  if (head.kind === 'categorical') assertWhole(`${where}: size`, head.size, 1, 1 << 20);
  else if (head.kind !== 'scalar')
    throw new UsageError(`${where}: unknown kind ${JSON.stringify((head as HeadSpec).kind)}.`);
  else assertNonNegative(`${where}: positivePressure`, head.positivePressure);
  assertNonNegative(`${where}: lossWeight`, head.lossWeight);
}

function assertWhole(what: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new UsageError(`${what}: expected a whole number from ${from} to ${to}, got ${value}.`);
  }
}

function assertNonNegative(what: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) throw new UsageError(`${what}: expected 0 or more, got ${value}.`);
}

function assertUnique(what: string, names: string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new UsageError(`${what}: the name "${twice}" stands there twice.`);
}
