import { DataError, UsageError } from '../../errors.ts';
import { CELLS, cellOf, cellPlaces, inputWidth, layerOutputs, layerWidth, type ModelSpec } from '../../nn/index.ts';
import { columnShapes } from '../keras-layers/cell-columns.ts';
import { addHeads } from './plan-heads.ts';
import { addTable, Plan, ZEROS } from './plan.ts';

/** Tables that only say which class a class is grow with the square of the classes: 64 MB. */
const MOST_ONE_HOT = 4096;

/** As TensorFlow.js calls our cells. */
const CLASSES = { lstm: 'LSTM', 'gru-before': 'GRU', rnn: 'SimpleRNN' } as const;

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
      embedded.push(addTable(plan, `embeddings.${name}`, [size, width], from, { parameter: `embeddings.${name}` }));
      continue;
    }
    if (size > MOST_ONE_HOT) {
      throw new DataError(`TensorFlow.js: inputs.${name} has ${size} classes as one-hot vectors; at most ${MOST_ONE_HOT} are written. Train the model with an embedding.`); // prettier-ignore
    }
    oneHot.push(addTable(plan, `one-hot.${name}`, [size, size], from, { oneHot: size }));
  }
  const numbers = features.length > 0 ? [plan.input({ name: 'features', type: 'float32', shape: ['batch', 'steps', features.length], help: `The numbers ${features.join(', ')}.` })] : []; // prettier-ignore
  const together = combine !== 'join' && embedded.length > 1 ? [plan.layer('Add', 'embeddings', {}, embedded)] : embedded; // prettier-ignore
  const parts = [...oneHot, ...together, ...numbers];
  return parts.length === 1 ? parts[0] : plan.layer('Concatenate', 'inputs', { axis: -1 }, parts);
}

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
