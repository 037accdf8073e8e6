import { DataError, UsageError } from '../../errors.ts';
import {
  CELLS,
  cellOf,
  cellPlaces,
  headSize,
  inputWidth,
  layerOutputs,
  layerWidth,
  type HeadSpec,
  type ModelSpec,
} from '../../nn/index.ts';
import { columnShapes } from '../keras-layers/cell-columns.ts';
import { meaningOf } from '../onnx/heads.ts';
import { Plan, type PlannedWeight } from './plan.ts';

/** Tables that only say which class a class is grow with the square of the classes: 64 MB. */
const MOST_ONE_HOT = 4096;

/** As TensorFlow.js calls our cells. */
const CLASSES = { lstm: 'LSTM', 'gru-before': 'GRU', rnn: 'SimpleRNN' } as const;

/** Layers begin with zeros, which are quickly made: their weights follow. */
const ZEROS = { class_name: 'Zeros', config: {} };

/**
 * The layers of an architecture in TensorFlow.js, the weights that they take and where these are in ours.
 * @throws UsageError, DataError that names what its layers cannot hold
 */
export function planOf(spec: ModelSpec): Plan {
  const plan = new Plan();
  const cell = sharedCellOf(spec);
  let x = addInputs(plan, spec);
  for (let layer = 0; layer < spec.lstm.layers; layer++) x = addLayer(plan, spec, cell, layer, x);
  addHeads(plan, spec, x);
  return plan;
}

/** @throws UsageError that names a cell which TensorFlow.js does not have */
function sharedCellOf(spec: ModelSpec): keyof typeof CLASSES {
  const cell = cellOf(spec);
  if (cell === 'lstm' || cell === 'gru-before' || cell === 'rnn') return cell;
  const why = cell === 'gru' ? ': its GRU has the reset gate before the product (resetAfter: false), this model behind it. Train one with --cell gru-before' : '; it has lstm, gru-before and rnn'; // prettier-ignore
  throw new UsageError(`This model's layers are ${CELLS[cell].title}, which TensorFlow.js does not have${why}.`);
}

/** What enters the first layer: classes as one-hot, embeddings, numbers, as the rows of the kernel are. */
function addInputs(plan: Plan, { inputs: { categories, features, combine } }: ModelSpec): string {
  const [oneHot, embedded]: string[][] = [[], []];
  for (const { name, size, width } of categories) {
    const from = plan.input({ name: `inputs.${name}`, type: 'int32', shape: ['batch', 'steps'], help: `A class from 0 to ${size - 1}.` }); // prettier-ignore
    if (width !== undefined) {
      embedded.push(table(plan, `embeddings.${name}`, [size, width], from, { parameter: `embeddings.${name}` }));
      continue;
    }
    if (size > MOST_ONE_HOT) {
      throw new DataError(`TensorFlow.js: inputs.${name} has ${size} classes as one-hot vectors; at most ${MOST_ONE_HOT} are written. Train the model with an embedding.`); // prettier-ignore
    }
    oneHot.push(table(plan, `one-hot.${name}`, [size, size], from, { oneHot: size }));
  }
  const numbers = features.length > 0 ? [plan.input({ name: 'features', type: 'float32', shape: ['batch', 'steps', features.length], help: `The numbers ${features.join(', ')}.` })] : []; // prettier-ignore
  const together = combine !== 'join' && embedded.length > 1 ? [plan.layer('Add', 'embeddings', {}, embedded)] : embedded; // prettier-ignore
  const parts = [...oneHot, ...together, ...numbers];
  return parts.length === 1 ? parts[0] : plan.layer('Concatenate', 'inputs', { axis: -1 }, parts);
}

function table(plan: Plan, name: string, [size, width]: [number, number], reads: string, from: PlannedWeight['from']): string {
  const config = { input_dim: size, output_dim: width, embeddings_initializer: ZEROS, mask_zero: false, trainable: !('oneHot' in from) };
  return plan.layer('Embedding', name, config, [reads], { embeddings: { shape: [size, width], from } });
} // prettier-ignore

function addLayer(plan: Plan, spec: ModelSpec, cell: keyof typeof CLASSES, layer: number, reads: string): string {
  const { bidirectional, layers } = spec.lstm;
  const name = `${CELLS[cell].prefix}.${layer}`;
  const units = layerWidth(spec, layer);
  const inputs = layer === 0 ? inputWidth(spec) : layerOutputs(spec, layer - 1);
  const config = {
    units,
    activation: 'tanh',
    ...(cell !== 'rnn' && { recurrent_activation: 'sigmoid' }),
    ...(cell === 'gru-before' && { reset_after: false }),
    ...(cell === 'lstm' && { unit_forget_bias: false }),
    use_bias: true,
    ...Object.fromEntries(['kernel', 'recurrent', 'bias'].map((part) => [`${part}_initializer`, ZEROS])),
    // Heads of both directions that are asked once for each sequence read what both give at their own ends.
    return_sequences: !(bidirectional && spec.lossOn === 'last' && layer === layers - 1),
  };
  const shapes = Object.entries(columnShapes(cell, inputs, units)) as ['kernel' | 'recurrent_kernel' | 'bias', number[]][];
  const weights = Object.fromEntries(
    cellPlaces(spec, layer).flatMap((place, direction) => {
      const prefix = bidirectional ? `${['forward', 'backward'][direction]}_${name}/` : '';
      return shapes.map(([part, shape]) => [`${prefix}${part}`, { shape, from: { cell: place, part } }] as const);
    }),
  );
  if (!bidirectional) return plan.layer(CLASSES[cell], name, config, [reads], weights);
  const inner = { class_name: CLASSES[cell], config: { ...config, name, trainable: true } };
  return plan.layer('Bidirectional', name, { layer: inner, merge_mode: 'concat' }, [reads], weights);
} // prettier-ignore

function addHeads(plan: Plan, spec: ModelSpec, reads: string): void {
  const inputs = layerOutputs(spec);
  const steps = spec.lstm.bidirectional && spec.lossOn === 'last' ? [] : ['steps'];
  const read = spec.heads.filter(({ name }) => spec.heads.some((head) => head.reads?.includes(name)));
  const drawn = new Map(read.map(({ name }) => [name, plan.input({ name: `drawn.${name}`, type: 'int32', shape: ['batch', ...(steps.length > 0 ? steps : [])], help: `The class drawn from heads.${name} at the same step, which other heads read; any class until it is drawn.` })])); // prettier-ignore
  for (const head of spec.heads) {
    const size = headSize(head);
    const name = `heads.${head.name}`;
    const parts = [...direct(plan, spec, head, drawn, reads, inputs)];
    if (parts.length > 1) plan.layer('Add', name, {}, parts);
    plan.outputs.push({ name, type: 'float32', shape: ['batch', ...steps, size], help: meaningOf(head) });
  }
}

/** What a head is the sum of: a Dense, tables of the classes that it reads, and its relu layer. @yields the names of layers */
function* direct(plan: Plan, spec: ModelSpec, head: HeadSpec, drawn: ReadonlyMap<string, string>, reads: string, inputs: number): Generator<string> {
  const { hidden, reads: others = [] } = head;
  const [name, size] = [`heads.${head.name}`, headSize(head)];
  const isSum = hidden !== undefined || others.length > 0;
  const classesOf = (other: string): number => headSize(spec.heads.find((each) => each.name === other)!);
  const tables = (prefix: string, width: number): string[] =>
    others.map((other) => table(plan, `${prefix}.from.${other}`, [classesOf(other), width], drawn.get(other)!, { parameter: `${prefix}.from.${other}` }));
  yield dense(plan, isSum ? `${name}.direct` : name, [inputs, size], reads, { kernel: `${name}.kernel`, bias: `${name}.bias` });
  yield* tables(name, size);
  if (hidden === undefined) return;
  const inner = `${name}.hidden`;
  const seen = [dense(plan, `${inner}.direct`, [inputs, hidden], reads, { kernel: `${inner}.kernel`, bias: `${inner}.bias` }), ...tables(inner, hidden)];
  const sum = seen.length > 1 ? plan.layer('Add', `${inner}.sum`, {}, seen) : seen[0];
  const open = plan.layer('Activation', inner, { activation: 'relu' }, [sum]);
  yield dense(plan, `${inner}.out`, [hidden, size], open, { kernel: `${inner}.out` });
} // prettier-ignore

function dense(plan: Plan, name: string, [inputs, units]: [number, number], reads: string, { kernel, bias }: { kernel: string; bias?: string }): string {
  const config = { units, activation: 'linear', use_bias: bias !== undefined, kernel_initializer: ZEROS, bias_initializer: ZEROS };
  return plan.layer('Dense', name, config, [reads], {
    kernel: { shape: [inputs, units], from: { parameter: kernel } },
    ...(bias !== undefined && { bias: { shape: [units], from: { parameter: bias } } }),
  });
} // prettier-ignore
