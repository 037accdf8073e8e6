import { UsageError } from '../errors.ts';
import { sizeOf } from '../tensor/index.ts';
import { CELL_KINDS, cellParameters, type CellKind, type CellPlace } from './cells/kinds.ts';
import { outputsOf, validateClasses, validateLoss, type NumbersLoss } from './losses/validate.ts';
import type { ParameterSpec } from './parameter-spec.ts';
import { assertNonNegative, assertRate, assertUnique, assertWhole } from './spec-checks.ts';

export type { NumbersLoss, ParameterSpec };

/**
 * An input that is one of `size` classes, given as an index. The network sees it as a one-hot vector, or, where `width` is
 * given, as the row of a trained table [size, width]: an embedding.
 */
export interface CategoricalInput {
  name: string;
  size: number;
  width?: number;
}

/** What every head has. */
interface CommonHead {
  name: string;
  lossWeight: number;
  /**
   * The names of categorical heads before this one whose classes it reads: those that are drawn first. In training it reads
   * what they should have said.
   */
  reads?: string[];
  /** The units of a relu layer between what the head reads and its outputs, beside the direct path; none unless given. */
  hidden?: number;
}

/** What the network predicts, each head a Dense layer on the output of the last LSTM, and on the classes of heads before it. */
export type HeadSpec =
  | (CommonHead & {
      /** Softmax over `size` classes, trained with cross-entropy from logits. */
      kind: 'categorical';
      size: number;
      /** The part of each target that is spread over all classes, in [0, 1). @default 0 */
      smoothing?: number;
      /** How much each class counts; 1 each unless given. */
      classWeights?: number[];
    })
  | (CommonHead & {
      /** One number, trained with the squared error plus `positivePressure` · max(-p, 0). */
      kind: 'scalar';
      positivePressure: number;
    })
  | (CommonHead & {
      /** `size` numbers, trained with any loss. */
      kind: 'numbers';
      size: number;
      loss: NumbersLoss;
    });

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
  /** The recurrent layers, of whatever cell. */
  lstm: {
    layers: number;
    /** The units of each layer; of the last one where `widths` says them all. */
    hiddenSize: number;
    /** The units of each layer from the first on, where they differ. */
    widths?: number[];
    /** The part of each layer's output that training drops, in [0, 1). */
    dropout: number;
    /** The cell of every layer; `lstm` unless given. */
    cell?: CellKind;
    /**
     * Whether each layer has a second cell, as wide as the first, that reads every sequence from its end: to label steps and to classify
     * sequences that are there as a whole. Nothing can be generated with it.
     */
    bidirectional?: true;
  };
  heads: HeadSpec[];
  /** Whether the loss looks at the last step of a window, as the tutorial does, or at every step. */
  lossOn: 'last' | 'all';
  /**
   * Which steps of a window are judged in evaluation. The last, unless given, so that models trained on either can be compared;
   * sequences of several lengths take `all`.
   */
  evaluateOn?: 'last' | 'all';
}

/** The width of the vector that enters the first LSTM: categories as one-hot, then embeddings, then the features. */
export function inputWidth(spec: ModelSpec): number {
  const { categories, features } = spec.inputs;
  const oneHot = categories.reduce((sum, { size, width }) => sum + (width === undefined ? size : 0), 0);
  return oneHot + embeddingWidth(spec) + features.length;
}

/** The width of all embeddings together: of one when they are added up, 0 without any. */
export function embeddingWidth({ inputs: { categories, combine } }: ModelSpec): number {
  const widths = categories.flatMap(({ width }) => width ?? []);
  return combine === 'join' ? widths.reduce((sum, width) => sum + width, 0) : (widths.at(0) ?? 0);
}

/** The cell of every recurrent layer. */
export function cellOf({ lstm: { cell = 'lstm' } }: ModelSpec): CellKind {
  return cell;
}

/** The units of layer number `layer`, from 0. */
export function layerWidth({ lstm: { hiddenSize, widths } }: ModelSpec, layer: number): number {
  return widths?.[layer] ?? hiddenSize;
}

/** The units of all layers, from the first on. */
export function layerWidths(spec: ModelSpec): number[] {
  return Array.from({ length: spec.lstm.layers }, (_, layer) => layerWidth(spec, layer));
}

/** The numbers that layer number `layer` gives at each step: its units, or those of both its cells. The last layer's unless given. */
export function layerOutputs(spec: ModelSpec, layer = spec.lstm.layers - 1): number {
  return cellPlaces(spec, layer).length * layerWidth(spec, layer);
}

/** The cells of layer number `layer`: one, or one for each direction. */
export function cellPlaces({ lstm: { bidirectional } }: ModelSpec, layer: number): CellPlace[] {
  return bidirectional ? [layer, `${layer}.reverse`] : [layer];
}

/**
 * For whoever goes on from what a model has read so far.
 * @param who is asking, as the error begins
 * @throws UsageError where the model is bidirectional
 */
export function assertForward({ lstm: { bidirectional } }: ModelSpec, who: string): void {
  if (!bidirectional) return;
  throw new UsageError(
    `${who}: this model is bidirectional: it reads each sequence from its end, too, and can say nothing before the end is there. Give it whole sequences to label or classify, or train one without "bidirectional".`,
  );
}

/** The number of outputs of a head. */
export function headSize(head: HeadSpec): number {
  if (head.kind !== 'numbers') return head.kind === 'categorical' ? head.size : 1;
  return outputsOf(head.size, head.loss);
}

/** How many numbers a head is asked for in a row: one class, or its numbers. */
export function targetWidth(head: HeadSpec): number {
  return head.kind === 'numbers' ? head.size : 1;
}

/**
 * Every trainable tensor of the model in the order in which they stand in memory and in checkpoints. Layouts are those of
 * Keras: of an LSTM kernel [in, 4H], recurrent kernel [H, 4H], bias [4H], with the gates in the order i f g o; those of other
 * cells are said where each is defined (`cells/`).
 */
export function parameterSpecs(spec: ModelSpec): ParameterSpec[] {
  const { layers } = spec.lstm;
  const list: ParameterSpec[] = [];
  for (const { name, size, width } of spec.inputs.categories) {
    if (width !== undefined) list.push({ name: `embeddings.${name}`, shape: [size, width], initializer: 'normal' });
  }
  for (let layer = 0; layer < layers; layer++) {
    const inputs = layer === 0 ? inputWidth(spec) : layerOutputs(spec, layer - 1);
    for (const place of cellPlaces(spec, layer)) {
      list.push(...cellParameters(cellOf(spec), place, inputs, layerWidth(spec, layer)));
    }
  }
  return [...list, ...spec.heads.flatMap((head) => headParameters(spec, head))];
}

/** Far below the direct path, so that a head begins as what it is without the relu layer. */
const HIDDEN_GAIN = 0.3;

/** The direct path; tables of logits for the classes read; the relu layer with tables of its own, and its way out. */
function headParameters(spec: ModelSpec, head: HeadSpec): ParameterSpec[] {
  const { name, hidden, reads = [] } = head;
  const inputs = layerOutputs(spec);
  const size = headSize(head);
  const read = reads.map((other) => ({ other, classes: headSize(spec.heads.find((each) => each.name === other)!) }));
  const list: ParameterSpec[] = [
    { name: `heads.${name}.kernel`, shape: [inputs, size], initializer: 'glorot' },
    { name: `heads.${name}.bias`, shape: [size], initializer: 'zeros' },
    ...read.map(({ other, classes }): ParameterSpec => {
      return { name: `heads.${name}.from.${other}`, shape: [classes, size], initializer: 'zeros' };
    }),
  ];
  if (hidden === undefined) return list;
  return [
    ...list,
    { name: `heads.${name}.hidden.kernel`, shape: [inputs, hidden], initializer: 'glorot' },
    { name: `heads.${name}.hidden.bias`, shape: [hidden], initializer: 'zeros' },
    ...read.map(({ other, classes }): ParameterSpec => {
      return { name: `heads.${name}.hidden.from.${other}`, shape: [classes, hidden], initializer: 'normal' };
    }),
    { name: `heads.${name}.hidden.out`, shape: [hidden, size], initializer: 'glorot', gain: HIDDEN_GAIN },
  ];
}

/**
 * Whether weight decay draws a parameter towards 0: kernels and tables, but nothing with one axis. A bias is not what
 * overfits, and pulling it to 0 only shifts what the layer gives.
 */
export function decays({ shape }: ParameterSpec): boolean {
  return shape.length > 1;
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
  for (const { name, size, width } of inputs.categories) {
    assertWhole(`inputs.categories ${name}: size`, size, 1, 1 << 20);
    if (width !== undefined) assertWhole(`inputs.categories ${name}: width`, width, 1, 1 << 16);
  }
  validateCombine(spec);
  if (inputWidth(spec) === 0) throw new UsageError('model: it has no inputs; give at least one category or feature.');
  assertWhole('lstm.layers', lstm.layers, 1, 64);
  assertWhole('lstm.hiddenSize', lstm.hiddenSize, 1, 1 << 16);
  validateWidths(lstm);
  if (!CELL_KINDS.includes(cellOf(spec))) {
    throw new UsageError(`lstm.cell: expected one of ${CELL_KINDS.join(', ')}, got ${JSON.stringify(lstm.cell)}.`);
  }
  validateDirections(spec);
  assertRate('lstm.dropout', lstm.dropout);
  assertRate('inputs.dropout', inputs.dropout ?? 0);
  if (heads.length === 0) throw new UsageError('model: it has no heads; there is nothing to learn.');
  const names = [...inputs.features, ...inputs.categories.map(({ name }) => name)];
  assertUnique('inputs', names);
  assertUnique('heads', heads.map(({ name }) => name)); // prettier-ignore
  heads.forEach((head, index) => {
    validateHead(head, heads.slice(0, index));
  });
  for (const [name, steps] of [
    ['lossOn', spec.lossOn],
    ['evaluateOn', spec.evaluateOn ?? 'last'],
  ]) {
    if (steps !== 'last' && steps !== 'all')
      throw new UsageError(`${name}: expected "last" or "all", got ${JSON.stringify(steps)}.`);
  }
  return spec;
}

function validateWidths({ layers, hiddenSize, widths }: ModelSpec['lstm']): void {
  if (widths === undefined) return;
  for (const width of widths) assertWhole('lstm.widths', width, 1, 1 << 16);
  if (widths.length === layers && widths.at(-1) === hiddenSize) return;
  throw new UsageError(
    `lstm.widths: expected ${layers} numbers, one a layer, the last the ${hiddenSize} of hiddenSize, got ${widths.join(', ') || 'none'}.`,
  );
}

function validateDirections({ lstm: { bidirectional }, lossOn, evaluateOn = 'last' }: ModelSpec): void {
  if (bidirectional !== undefined && (bidirectional as unknown) !== true) {
    throw new UsageError(`lstm.bidirectional: expected true, or nothing, got ${JSON.stringify(bidirectional)}.`);
  }
  // Its backward cell has then read the whole window, and is never asked for a step before.
  if (bidirectional && lossOn === 'last' && evaluateOn === 'all') {
    throw new UsageError('evaluateOn: a bidirectional model that learns one answer a window cannot be judged on every step; expected "last", as lossOn, got "all".'); // prettier-ignore
  }
}

function validateCombine({ inputs: { categories, combine = 'sum', features, dropout = 0 } }: ModelSpec): void {
  if (combine !== 'sum' && combine !== 'join') {
    throw new UsageError(`inputs.combine: expected "sum" or "join", got ${JSON.stringify(combine)}.`);
  }
  const widths = new Set(categories.flatMap(({ width }) => width ?? []));
  if (combine === 'sum' && widths.size > 1) {
    throw new UsageError(
      `inputs: embeddings that are added up have one width, got ${[...widths].join(' and ')}; "combine": "join" takes any.`,
    );
  }
  if (dropout > 0 && widths.size === 0 && features.length === 0) {
    throw new UsageError('inputs.dropout: it drops parts of embeddings and features, and this model has neither.');
  }
}

function validateHead(head: HeadSpec, before: readonly HeadSpec[]): void {
  const where = `heads ${head.name}`;
  // One class is allowed: the durations of a corpus may all be the same, and such a head has nothing left to learn.
  if (head.kind === 'categorical') validateClasses(where, head);
  else if (head.kind === 'scalar') assertNonNegative(`${where}: positivePressure`, head.positivePressure);
  else if (head.kind === 'numbers') {
    assertWhole(`${where}: size`, head.size, 1, 1 << 16);
    validateLoss(`${where}: loss`, head.size, head.loss);
  } else throw new UsageError(`${where}: unknown kind ${JSON.stringify((head as HeadSpec).kind)}.`);
  assertNonNegative(`${where}: lossWeight`, head.lossWeight);
  if (head.hidden !== undefined) assertWhole(`${where}: hidden`, head.hidden, 1, 1 << 16);
  const { reads = [] } = head;
  assertUnique(`${where}: reads`, reads);
  for (const name of reads) {
    if (before.some((other) => other.name === name && other.kind === 'categorical')) continue;
    const known = before.flatMap(({ name, kind }) => (kind === 'categorical' ? name : []));
    throw new UsageError(
      `${where}: it reads "${name}", but only categorical heads before it can be read: ${known.join(', ') || 'there are none'}.`,
    );
  }
}
