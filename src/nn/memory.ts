import { EVALUATION_BATCH } from './evaluate.ts';
import type { SequenceShape } from './cells/cell.ts';
import { CELLS } from './cells/kinds.ts';
import { keptBy } from './optimizers/create-optimizer.ts';
import { ADAM_DEFAULTS, type OptimizerSpec } from './optimizers/spec.ts';
import {
  cellOf,
  embeddingWidth,
  headSize,
  inputWidth,
  layerOutputs,
  layerWidth,
  parameterCount,
  targetWidth,
  type HeadSpec,
  type ModelSpec,
} from './spec.ts';

const FLOAT = 4;
/** The rows of the block in which weight gradients are formed. */
const GRADIENT_BLOCK = 256;

/** The bytes that training a model takes, apart from the JavaScript around it. */
export interface MemoryEstimate {
  /** Weights, a gradient for each thread, and what the optimizer keeps. */
  parameters: number;
  /** What is kept for the way back, and for evaluation. */
  activations: number;
  /** Packed factors of the matrix products. */
  scratch: number;
  total: number;
}

/** What training with batches of `shape` will take, found by adding up the buffers; nothing is taken. */
export function estimateMemory(
  spec: ModelSpec,
  shape: SequenceShape,
  threads = 1,
  optimizer: OptimizerSpec = ADAM_DEFAULTS,
): MemoryEstimate {
  const parameters = parameterCount(spec) * FLOAT * (1 + keptBy(optimizer).length + threads);
  const activations =
    networkBytes(spec, shape, true) + networkBytes(spec, { ...shape, batchSize: EVALUATION_BATCH }, false);
  const scratch = threads * scratchBytes(spec, shape);
  return { parameters, activations, scratch, total: parameters + activations + scratch };
}

/** The buffers of one network: see Network, Embeddings, the cells, Dropout, Head and ReluLayer. */
function networkBytes(spec: ModelSpec, { batchSize, steps }: SequenceShape, training: boolean): number {
  const rows = batchSize * steps;
  const { dropout } = spec.lstm;
  const units = outputsOf(spec).reduce((sum, width) => sum + width, 0);
  const { categories, features, dropout: inputDropout = 0 } = spec.inputs;
  const dense = embeddingWidth(spec) + features.length;
  // Embeddings and their gradient; and dropout's output, gradient and mask.
  const perInput = (training ? 2 : 1) * embeddingWidth(spec) + (training && inputDropout > 0 ? 3 * dense : 0);
  const inputs = rows * (categories.length + features.length + perInput);
  const { gates, states, keeps } = CELLS[cellOf(spec)];
  // Gates, states, what else the cell keeps; and for the way back dh and dropout's output, gradient and mask.
  const back = 1 + keeps.backward + (dropout > 0 ? 3 : 0);
  const perStep = gates.length + states.length + keeps.forward + (training ? back : 0);
  const state = (states.length + (training ? 1 : 0)) * batchSize * units;
  const headRows = (training ? spec.lossOn : (spec.evaluateOn ?? 'last')) === 'all' ? rows : batchSize;
  const heads = spec.heads.reduce((sum, head) => sum + headRows * headNumbers(head, training), 0);
  return FLOAT * (inputs + rows * units * perStep + state + heads + rows * bothWays(spec, training));
}

/** What bidirectional layers hold of a row: its two orders, outputs joined, and inputs in reverse, with their gradients. */
function bothWays(spec: ModelSpec, training: boolean): number {
  if (!spec.lstm.bidirectional) return 0;
  const { categories, features } = spec.inputs;
  const outputs = outputsOf(spec);
  const between = outputs.slice(0, -1).reduce((sum, width) => sum + width, embeddingWidth(spec));
  const joined = outputs.reduce((sum, width) => sum + width, 0);
  return 2 + categories.length + features.length + (training ? 2 : 1) * (joined + between);
}

/** Outputs, probabilities, targets and the weight of a row, and what is kept for the way back. */
function headNumbers(head: HeadSpec, training: boolean): number {
  return (training ? 3 : 2) * headSize(head) + targetWidth(head) + 1 + (training ? 3 : 1) * (head.hidden ?? 0);
}

/** The largest of what the products of a step pack: the input of a weight gradient by blocks, or a whole kernel. */
function scratchBytes(spec: ModelSpec, { batchSize, steps }: SequenceShape): number {
  const gates = CELLS[cellOf(spec)].gates.length;
  const outputs = outputsOf(spec);
  const block = Math.min(batchSize * steps, GRADIENT_BLOCK);
  return Math.max(
    ...outputs.map((_, layer) => {
      const width = layerWidth(spec, layer);
      const inputs = layer === 0 ? inputWidth(spec) : outputs[layer - 1];
      return FLOAT * gates * width * Math.max(inputs, width, block);
    }),
  );
}

/** The numbers that each layer gives, which are the units of all its cells. */
function outputsOf(spec: ModelSpec): number[] {
  return Array.from({ length: spec.lstm.layers }, (_, layer) => layerOutputs(spec, layer));
}
