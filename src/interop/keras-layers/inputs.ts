import { DataError, UsageError } from '../../errors.ts';
import type { ModelSpec } from '../../nn/index.ts';
import type { Floats } from '../../tensor/index.ts';
import { partName, titleOf, type LayerNode } from './graph.ts';
import { listIn, own, shownValue, wholeIn } from './json.ts';
import { embeddingSizes, maskingError } from './settings.ts';
import type { Trail } from './trail.ts';

/** A table of an embedding. */
export interface FoundTable {
  node: LayerNode;
  size: number;
  width: number;
}

/** What enters the first recurrent layer. */
export interface FoundInputs {
  inputs: ModelSpec['inputs'];
  tables: FoundTable[];
  /** Brings the rows of its kernel, [inputs, columns], into our order: embeddings, then numbers. */
  inOrder: (kernel: Floats) => Floats;
}

/** Something of the vector that enters, in the order in which it stands there: tables that are added up, or numbers. */
type Part = { tables: FoundTable[]; width: number } | { tables?: undefined; width: number };

const MOST_NUMBERS = 1 << 16;

/**
 * What the first recurrent layer reads: embeddings of classes, added up or side by side, and numbers.
 * @throws DataError that names a layer which is none of these
 */
export function findInputs(trail: Trail, source: string, vocabulary?: readonly string[]): FoundInputs {
  const parts = partsOf(trail, trail.through(source), new Set());
  const embedded = parts.filter((part) => part.tables !== undefined);
  const numbers = parts.filter((part) => part.tables === undefined).reduce((sum, { width }) => sum + width, 0);
  if (numbers > MOST_NUMBERS) throw new DataError(`${numbers} numbers go in at every step; at most ${MOST_NUMBERS} are read.`); // prettier-ignore
  const tables = embedded.flatMap(({ tables }) => tables);
  const added = embedded.find((part) => part.tables.length > 1);
  if (added && embedded.length > 1) {
    throw new DataError(`${titleOf(added.tables[0].node)}: some embeddings are added up and others stand beside them; in Etude all are added up, or all stand side by side.`); // prettier-ignore
  }
  const inOrder = (kernel: Floats): Floats => ordered(kernel, parts);
  if (tables.length === 0 && vocabulary?.length === numbers) {
    return { inputs: { categories: [{ name: 'class', size: numbers }], features: [] }, tables, inOrder };
  }
  const categories = tables.map(({ node, size, width }) => ({ name: partName(node), size, width }));
  const features = Array.from({ length: numbers }, (_, k) => `number ${k}`);
  const join = tables.length > 1 && !added;
  return { inputs: { categories, features, ...(join && { combine: 'join' as const }) }, tables, inOrder };
}

/** @param seen those that were come by, each of which goes in once */
function partsOf(trail: Trail, node: LayerNode, seen: Set<LayerNode>): Part[] {
  const title = titleOf(node);
  if (seen.has(node)) throw new DataError(`${title}: it goes into the recurrent layers twice; expected once.`);
  seen.add(node);
  switch (node.className) {
    case 'InputLayer':
      return [{ width: numbersOf(node) }];
    case 'Embedding':
      return [tablePart([tableOf(trail, node)])];
    case 'Add': {
      const tables = node.reads.map((each) => {
        const read = trail.through(each, node);
        if (read.className === 'Embedding') return tableOf(trail, read);
        throw new DataError(`${title}: it adds up what ${titleOf(read)} gives; expected embeddings.`);
      });
      if (tables.length > 0 && tables.every(({ width }) => width === tables[0].width)) return [tablePart(tables)];
      throw new DataError(`${title}: expected embeddings of one width, got ${tables.map(({ width }) => width).join(', ') || 'none'}.`); // prettier-ignore
    }
    case 'Concatenate': {
      const axis = own(node.config, 'axis') ?? -1;
      if (axis !== -1 && axis !== 2) throw new DataError(`${title}: axis is ${shownValue(axis)}; expected -1, the numbers of a step.`); // prettier-ignore
      return node.reads.flatMap((each) => partsOf(trail, trail.through(each, node), seen));
    }
    case 'Masking':
      throw maskingError(node);
    default:
      throw new DataError(`${title}: expected what a recurrent layer of Etude reads: inputs, Embedding, Add, Concatenate.`); // prettier-ignore
  }
}

function tablePart(tables: FoundTable[]): Part {
  return { tables, width: tables[0].width };
}

/** An embedding that reads one class a step. */
function tableOf(trail: Trail, node: LayerNode): FoundTable {
  const input = trail.onlySource(node);
  const shape = shapeOf(input);
  if (input.className !== 'InputLayer' || shape.length !== 2) {
    throw new DataError(`${titleOf(node)}: expected to read an input of one class a step, [batch, steps], got ${titleOf(input)} ${shownValue(shape)}.`); // prettier-ignore
  }
  return { node, ...embeddingSizes(node) };
}

function numbersOf(node: LayerNode): number {
  const shape = shapeOf(node);
  if (shape.length !== 3) {
    throw new DataError(`${titleOf(node)}: expected sequences of numbers, [batch, steps, numbers], got ${shownValue(shape)}. Classes go through an Embedding.`); // prettier-ignore
  }
  return wholeIn(shape[2], `${titleOf(node)}: numbers of a step`, MOST_NUMBERS);
}

/** The shape of an input, or of the first layer of a Sequential model; of others none. */
function shapeOf(node: LayerNode): unknown[] {
  if (node.className !== 'InputLayer') return [];
  const shape = own(node.config, 'batch_input_shape') ?? own(node.config, 'batch_shape');
  if (shape !== undefined) return listIn(shape, `${titleOf(node)}: batch_input_shape`);
  // Of an Embedding that is the first layer nothing has to be said.
  if (own(node.config, 'input_dim') !== undefined) return [null, null];
  throw new UsageError(
    `${titleOf(node)}: it does not say how many numbers a step has: expected batch_input_shape or batch_shape, which a model has that was built before it was saved.`,
  );
}

/** Rows of a matrix, a block for each part: those of tables in front. */
function ordered(kernel: Floats, parts: readonly Part[]): Floats {
  const rows = parts.reduce((sum, { width }) => sum + width, 0);
  const columns = kernel.length / rows;
  let at = 0;
  const blocks = parts.map(({ tables, width }) => {
    const block = kernel.subarray(at * columns, (at += width) * columns);
    return { isTable: tables !== undefined, block };
  });
  const found = kernel.slice();
  at = 0;
  for (const { block } of [...blocks.filter(({ isTable }) => isTable), ...blocks.filter(({ isTable }) => !isTable)]) {
    found.set(block, at);
    at += block.length;
  }
  return found;
}
