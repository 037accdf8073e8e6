import { DataError } from '../../errors.ts';
import { cellOf, parameterCount, validateSpec, type SavedModel } from '../../nn/index.ts';
import { checkWeights, meaningOf, type ExportedModel, type ModelToExport } from '../exported-model.ts';
import { Graph, type Size } from './graph.ts';
import { addHeads } from './heads.ts';
import { lastStep, recurrentLayer } from './layers.ts';
import { Message } from './protobuf.ts';

/** The version of the file format, and of the operators: the first with LayerNormalization, the others are of 14 and before. */
const IR_VERSION = 8;
const OPSET = 17;
const STEPS = 'steps';

/** What the metadata say of the file; a reader looks at it first. */
export const ONNX_FORMAT = 'etude-onnx';
const VERSION = '1';

/** Protocol Buffers count the bytes of a message in 31 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/**
 * A model as one file of ONNX (opset 17), which gives what `Network` gives, over whole sequences and step by step. docs/interop.md is the
 * specification: names, shapes, order of gates, metadata. Weights stand in it as float32.
 *
 * @throws DataError that names the tensor or part that cannot be written: weights that are missing, of another size or not finite, a layer
 *   with layer normalisation in both directions, names that stand in each other's way, more than 2 GB
 * @throws UsageError when the architecture makes no sense
 */
export function toOnnx(model: ModelToExport): ExportedModel {
  validateSpec(model.spec);
  refuseTooLarge(model);
  checkWeights(model);
  refuseCells(model);
  const graph = new Graph('etude');
  addNetwork(graph, model);
  const { inputs, outputs } = graph;
  const file = new Message()
    .int(1, IR_VERSION)
    .text(2, 'etude-lstm')
    .text(3, model.etude ?? '')
    .message(7, graph.encode())
    .message(8, new Message().text(1, '').int(2, OPSET));
  for (const [key, value] of Object.entries(metadataOf(model))) {
    file.message(14, new Message().text(1, key).text(2, value));
  }
  assertFits(file.length);
  const ports = (role: 'input' | 'output', list: typeof inputs) => list.map((port) => ({ role, ...port }));
  return { bytes: file.encode(), parts: [...ports('input', inputs), ...ports('output', outputs)] };
}

function addNetwork(graph: Graph, model: SavedModel): void {
  const { lstm, lossOn } = model.spec;
  let x = addInputs(graph, model);
  const lengths = lstm.bidirectional
    ? graph.input({ name: 'lengths', type: 'int32', shape: ['batch'], help: 'The steps of each sequence; what comes behind them is not read.' }) // prettier-ignore
    : undefined;
  for (let layer = 0; layer < lstm.layers; layer++) {
    const names = recurrentLayer(graph, model, layer, x, lengths);
    x = names.steps;
    // Such heads have learned to see both directions when they have read everything, which is not one step.
    const atTheEnd = lengths !== undefined && lossOn === 'last' && layer === lstm.layers - 1;
    if (atTheEnd) x = lastStep(graph, names);
  }
  addHeads(graph, model, x, lstm.bidirectional && lossOn === 'last' ? 1 : STEPS);
}

/** What enters the first layer, [steps, batch, inputs]: classes as one-hot, embeddings, features, as the rows of the kernel are. */
function addInputs(graph: Graph, { spec, parameters }: SavedModel): string {
  const { categories, features, combine } = spec.inputs;
  const shape: Size[] = [STEPS, 'batch'];
  const [oneHot, embedded]: string[][] = [[], []];
  for (const { name, size, width } of categories) {
    const classes = graph.input({ name: `inputs.${name}`, type: 'int64', shape, help: `A class from 0 to ${size - 1}.` }); // prettier-ignore
    if (width === undefined) {
      oneHot.push(
        graph.node('OneHot', [classes, graph.whole(size), graph.shared('off and on', 0, 1)], `inputs.${name}.one-hot`),
      );
      continue;
    }
    const table = `embeddings.${name}`;
    embedded.push(graph.node('Gather', [graph.weights(table, [size, width], parameters[table]), classes], `${table}.rows`)); // prettier-ignore
  }
  const numbers = features.length > 0 ? [graph.input(featuresPort(features))] : [];
  const together = combine !== 'join' && embedded.length > 1 ? [graph.node('Sum', embedded, 'embeddings')] : embedded;
  const parts = [...oneHot, ...together, ...numbers];
  return parts.length === 1 ? parts[0] : graph.node('Concat', parts, 'inputs', { axis: -1 });
}

function featuresPort(features: readonly string[]) {
  const shape = [STEPS, 'batch', features.length];
  return { name: 'features', type: 'float32' as const, shape, help: `The numbers ${features.join(', ')}.` };
}

/** What programs need beside the network, each value as JSON but the first two and the version of Etude. */
function metadataOf({ spec, extra, etude = 'unknown', step = null }: ModelToExport): Record<string, string> {
  const heads = spec.heads.map((head) => ({ name: head.name, output: `heads.${head.name}`, meaning: meaningOf(head) }));
  const known: Record<string, string> = { format: ONNX_FORMAT, version: VERSION, etude };
  for (const [key, value] of Object.entries({ ...extra, spec, heads, step })) known[key] ??= JSON.stringify(value);
  return known;
}

function refuseTooLarge({ spec }: SavedModel): void {
  assertFits(4 * parameterCount(spec));
}

function assertFits(bytes: number): void {
  if (bytes <= MOST_BYTES) return;
  throw new DataError(
    `ONNX: a file holds at most 2 GB, and this model would take ${(bytes / 1e9).toFixed(1)} GB. Train one with fewer units (--hidden-size).`,
  );
}

function refuseCells({ spec }: SavedModel): void {
  if (cellOf(spec) !== 'lstm-norm' || !spec.lstm.bidirectional) return;
  throw new DataError(
    'ONNX: lstm.0.reverse: ONNX has no operator for layer normalisation in an LSTM, and what stands for it here reads no sequence from its own end. Train the model with another cell, or in one direction.',
  );
}
