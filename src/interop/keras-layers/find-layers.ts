import { DataError } from '../../errors.ts';
import { CELLS, validateSpec } from '../../nn/index.ts';
import { recurrentSpec } from '../describe-network.ts';
import type { FoundLayers } from './found.ts';
import { layerGraph, titleOf, type LayerNode } from './graph.ts';
import { findHeads, type TrainingOf } from './heads.ts';
import { findInputs } from './inputs.ts';
import { recurrentLayer, type Dialect, type RecurrentLayer } from './recurrent.ts';
import { Trail } from './trail.ts';

/** Layers as Keras and TensorFlow.js describe them. */
export interface DescribedLayers {
  /** `{ class_name: 'Sequential', config }`, as `model_config` in a file. */
  config: unknown;
  dialect: Dialect;
  /** What is said of how its heads were trained, where something is. */
  trainingOf?: TrainingOf;
}

/** How a network is read that others made. */
export interface LayersOptions {
  /** What heads predict where it cannot be seen: `dense:numbers`, `dense:classes`. */
  heads?: readonly string[];
  /** What the classes that go in are called, in the order of their indices; heads of as many classes have the same. */
  vocabulary?: readonly string[];
}

/** As many as a model of Etude has. */
const MOST_RECURRENT = 64;

/**
 * What a network is of which no weights are known yet: LSTM, GRU or SimpleRNN layers on one another, Sequential, or Functional with several
 * inputs and heads that read one layer.
 *
 * @throws DataError that names the first layer which has no place in a model of Etude, or a setting of it
 * @throws UsageError for options that do not fit
 */
export function findLayers({ config, dialect, trainingOf }: DescribedLayers, options: LayersOptions = {}): FoundLayers {
  const graph = layerGraph(config);
  const trail = new Trail(graph);
  const { heads, trunk } = findHeads(trail, graph.outputs, options.heads, trainingOf);
  const { stack, source } = stackUnder(trail, trunk, dialect);
  const found = findInputs(trail, source.name, options.vocabulary);
  trail.assertAllSeen();
  const [{ cell, bidirectional }] = stack;
  const lossOn = stack.at(-1)!.givesSteps ? 'all' : 'last';
  const spec = validateSpec({
    inputs: found.inputs,
    lstm: recurrentSpec(cell, stack.map(({ units }) => units), bidirectional),
    heads: heads.map((head) => head.spec),
    lossOn,
    evaluateOn: lossOn,
  });
  return { spec, found, stack, heads, passed: trail.passed, nodes: [...graph.layers.values()] };
} // prettier-ignore

/** The recurrent layers from the one that heads read down to the first, and what that reads. */
function stackUnder(trail: Trail, trunk: LayerNode, dialect: Dialect): { stack: RecurrentLayer[]; source: LayerNode } {
  const stack: RecurrentLayer[] = [];
  let node = trunk;
  for (let layer = recurrentLayer(node, dialect); layer; layer = recurrentLayer(node, dialect)) {
    if (stack.length >= MOST_RECURRENT) throw new DataError(`the model has more than ${MOST_RECURRENT} recurrent layers on one another.`); // prettier-ignore
    if (stack.length > 0 && !layer.givesSteps) throw new DataError(`${titleOf(node)}: return_sequences is false, and another recurrent layer reads what it gives at every step.`); // prettier-ignore
    stack.unshift(layer);
    node = trail.onlySource(node);
  }
  if (stack.length === 0) {
    throw new DataError(`${titleOf(trunk)}: expected LSTM, GRU or SimpleRNN, or Bidirectional around one, in front of what the model predicts.`); // prettier-ignore
  }
  const [first] = stack;
  const other = stack.find(({ cell, bidirectional }) => cell !== first.cell || bidirectional !== first.bidirectional);
  if (other) throw new DataError(`${titleOf(other.node)}: expected what ${titleOf(first.node)} is, ${kindOf(first)}, got ${kindOf(other)}; the recurrent layers of Etude are all of one kind.`); // prettier-ignore
  return { stack, source: node };
}

function kindOf({ bidirectional, cell }: RecurrentLayer): string {
  return `${bidirectional ? 'bidirectional ' : ''}${CELLS[cell].title}`;
}
