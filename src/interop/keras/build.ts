import { DataError, UsageError } from '../../errors.ts';
import { cellPlaces, CELLS, parameterSpecs, validateSpec, type HeadSpec, type ModelSpec, type NamedArrays } from '../../nn/index.ts'; // prettier-ignore
import { plainSequences } from '../codings.ts';
import { describeNetwork, recurrentSpec } from '../describe-network.ts';
import type { ImportedModel } from '../imported-model.ts';
import type { StateDict } from '../state-dict.ts';
import { isShape, readCell, type ReadCell } from './cells.ts';
import type { Head, Meaning, Network, Weighted } from './network.ts';
import { LayerWeights } from './weights.ts';

/** How a file of Keras is read. */
export interface BuildOptions {
  /** What heads predict where nothing in the file says it: `dense:numbers`, `dense:classes`. */
  heads?: readonly string[];
  /** What the classes that go in are called, in the order of their indices; heads of as many classes have the same. */
  vocabulary?: readonly string[];
}

/** Weights and bias of a Dense layer, ours: [inputs, outputs] and [outputs]. */
interface ReadDense {
  kernel: Float32Array;
  bias: Float32Array;
  outputs: number;
}

/**
 * A model of Etude from the parts of one of Keras and its weights.
 * @throws DataError that names weights which are missing, have another shape or no place
 * @throws UsageError for options that do not fit
 */
export function buildModel(network: Network, tensors: StateDict, { heads: given, vocabulary }: BuildOptions): ImportedModel {
  const weights = new LayerWeights(tensors);
  const { recurrent, heads, embedding, lastOnly } = network;
  const cells = recurrent.map((layer) => layer.cells.map((cell) => readCell(weights, layer.cell, cell)));
  const table = embedding && weights.take(`${embedding.at}/0`, (shape) => shape.length === 2 && shape.every((n) => n > 0), '[classes, width], a table of embeddings'); // prettier-ignore
  const outputs = assertChain(network, cells, table?.shape[1]);
  const read = heads.map((head) => readHead(weights, head, outputs));
  weights.assertAllTaken();
  const meanings = chosenMeanings(heads, given ?? []);
  const [[{ inputs }]] = cells;
  const isOneHot = !table && vocabulary?.length === inputs;
  const spec = validateSpec({
    inputs: {
      categories: table ? [{ name: embedding!.name, size: table.shape[0], width: table.shape[1] }] : isOneHot ? [{ name: 'class', size: inputs }] : [], // prettier-ignore
      features: table || isOneHot ? [] : Array.from({ length: inputs }, (_, k) => `number ${k}`),
    },
    lstm: recurrentSpec(recurrent[0].cell, cells.map(([{ units }]) => units), recurrent[0].cells.length > 1), // prettier-ignore
    heads: heads.map((head, k) => headSpec(head, read[k], meanings[k])),
    lossOn: lastOnly ? 'last' : 'all',
    evaluateOn: lastOnly ? 'last' : 'all',
  });
  const parameters: NamedArrays = {};
  if (table) parameters[`embeddings.${embedding!.name}`] = Float32Array.from(table.data);
  putCells(parameters, spec, cells);
  for (const part of read) Object.assign(parameters, part.parameters);
  const { extra, notes } = plainSequences(spec, vocabulary);
  const names = { recurrent: recurrent.map(({ name }) => name), embeddings: embedding ? [embedding.name] : [], heads: heads.map(({ name }) => name) }; // prettier-ignore
  return {
    spec,
    // In the order of the model's own list, as files have them.
    parameters: Object.fromEntries(parameterSpecs(spec).map(({ name }) => [name, parameters[name]])),
    extra,
    notes: [...describeNetwork(spec, names, cells[0][0].hasBias), ...hiddenNotes(heads), ...(lastOnly ? ['Its heads are asked once for each sequence, at the last step (return_sequences=False).'] : []), ...network.notes, ...notes], // prettier-ignore
  };
} // prettier-ignore

/** @returns the numbers that the last layer gives. @throws DataError where a layer reads another number than those before it give */
function assertChain({ recurrent }: Network, cells: readonly ReadCell[][], width: number | undefined): number {
  let given = width ?? cells[0][0].inputs;
  recurrent.forEach((layer, k) => {
    const [{ units }] = cells[k];
    cells[k].forEach((cell, direction) => {
      const { name, at } = layer.cells[direction];
      if (cell.inputs !== given) throw new DataError(`${at}/0 reads ${cell.inputs} numbers, and what stands before ${name} gives ${given}.`); // prettier-ignore
      if (cell.units !== units) throw new DataError(`${at}/1 is of ${cell.units} units, and the other direction has ${units}.`); // prettier-ignore
    });
    given = units * cells[k].length;
  });
  return given;
}

function putCells(parameters: NamedArrays, spec: ModelSpec, cells: readonly ReadCell[][]): void {
  const { prefix } = CELLS[spec.lstm.cell ?? 'lstm'];
  cells.forEach((directions, layer) => {
    cellPlaces(spec, layer).forEach((place, direction) => {
      for (const [name, values] of Object.entries(directions[direction].parameters)) parameters[`${prefix}.${place}.${name}`] = values; // prettier-ignore
    });
  });
}

interface ReadHead {
  outputs: number;
  hidden?: number;
  parameters: NamedArrays;
}

/** A head, perhaps behind a relu layer: then its direct path, which Keras's has not, is zeros. */
function readHead(weights: LayerWeights, head: Head, inputs: number): ReadHead {
  const prefix = `heads.${head.name}`;
  if (!head.hidden) {
    const { kernel, bias, outputs } = readDense(weights, head, inputs);
    return { outputs, parameters: { [`${prefix}.kernel`]: kernel, [`${prefix}.bias`]: bias } };
  }
  const hidden = readDense(weights, head.hidden, inputs);
  const { kernel, bias, outputs } = readDense(weights, head, hidden.outputs);
  return {
    outputs,
    hidden: hidden.outputs,
    parameters: {
      [`${prefix}.kernel`]: new Float32Array(inputs * outputs),
      [`${prefix}.bias`]: bias,
      [`${prefix}.hidden.kernel`]: hidden.kernel,
      [`${prefix}.hidden.bias`]: hidden.bias,
      [`${prefix}.hidden.out`]: kernel,
    },
  };
}

function readDense(weights: LayerWeights, { name, at, useBias }: Weighted, inputs: number): ReadDense {
  const kernel = weights.take(`${at}/0`, ([rows, columns], ...rest) => rows === inputs && columns > 0 && rest.length === 0, `[${inputs}, outputs], the kernel of ${name}, which reads the ${inputs} numbers before it`); // prettier-ignore
  const outputs = kernel.shape[1];
  const hasBias = useBias ?? weights.has(`${at}/1`);
  const bias = hasBias ? weights.take(`${at}/1`, isShape(outputs), `[${outputs}], the bias of ${name}`).data : new Float32Array(outputs); // prettier-ignore
  return { kernel: Float32Array.from(kernel.data), bias: Float32Array.from(bias), outputs };
}

function headSpec({ name, lossWeight }: Head, { outputs, hidden }: ReadHead, meaning?: Meaning): HeadSpec {
  const common = { name, lossWeight, size: outputs, ...(hidden !== undefined && { hidden }) };
  // Several outputs are classes unless something says otherwise, one is a number.
  return { ...common, ...(meaning ?? (outputs > 1 ? { kind: 'categorical' } : { kind: 'numbers', loss: { kind: 'squared' } })) }; // prettier-ignore
}

/** What heads predict, by what the file says and what was asked for. */
function chosenMeanings(heads: readonly Head[], given: readonly string[]): (Meaning | undefined)[] {
  const meanings = heads.map(({ meaning }) => meaning);
  for (const entry of given) {
    const [, name, kind] = /^(.*?)(?::(classes|numbers))?$/s.exec(entry)!;
    const index = heads.findIndex((head) => head.name === name);
    if (index < 0) throw new UsageError(`--head ${name}: no head is called so; expected ${heads.map((head) => head.name).join(', ')}.`); // prettier-ignore
    if (kind === undefined) continue;
    const wanted = kind === 'classes' ? 'categorical' : 'numbers';
    const said = meanings[index];
    if (said && said.kind !== wanted) throw new UsageError(`--head ${entry}: the file says that it predicts ${wanted === 'numbers' ? 'classes' : 'numbers'}; leave this out.`); // prettier-ignore
    meanings[index] ??= wanted === 'categorical' ? { kind: wanted } : { kind: wanted, loss: { kind: 'squared' } };
  }
  return meanings;
}

function hiddenNotes(heads: readonly Head[]): string[] {
  return heads.flatMap(({ name, hidden }) => (hidden ? [`${hidden.name}: the relu layer of ${name}. Beside it Etude's heads have a direct path, of zeros here; training moves it.`] : [])); // prettier-ignore
}
