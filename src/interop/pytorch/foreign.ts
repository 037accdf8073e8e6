import { UsageError } from '../../errors.ts';
import { CELLS, validateSpec, type HeadSpec, type ModelSpec, type SavedModel } from '../../nn/index.ts';
import { plainSequences } from '../codings.ts';
import { describeNetwork, recurrentSpec } from '../describe-network.ts';
import { findModules, type FoundEmbedding, type FoundHead, type FoundModules, type ModuleChoice } from './modules.ts';
import { cellNames } from './names.ts';
import { readOwn } from './own.ts';
import { findStack, type FoundStack } from './recurrent.ts';
import { assertFinite, type StateDict, type StateTensor } from '../state-dict.ts';

/** How a file is read that does not say itself what is in it. */
export interface ImportOptions extends ModuleChoice {
  /** What the classes that go in are called, in the order of their indices; heads of as many classes have the same. */
  vocabulary?: readonly string[];
  /** A model whose names, as `toPytorch` gives them, the tensors have: its architecture, and all else that it keeps, is taken over. */
  like?: Pick<SavedModel, 'spec' | 'extra'>;
}

/**
 * Reads the tensors of a network that others made.
 * @throws DataError, UsageError as `importPytorch` does
 */
export function readForeign(tensors: StateDict, { vocabulary, ...choice }: Omit<ImportOptions, 'like'>): SavedModel & { notes: string[] } {
  const stack = findStack(tensors);
  const [[first]] = stack.layers;
  const outputs = stack.layers.at(-1)!.reduce((sum, { units }) => sum + units, 0);
  const found = findModules(tensors, stack.names, { inputs: first.inputs, outputs }, choice);
  for (const [name, tensor] of tensors) assertFinite(name, tensor);
  const names = { heads: namesOf(found.heads), embeddings: namesOf(found.embeddings) };
  const spec = validateSpec({
    inputs: inputsOf(found.embeddings, names.embeddings, first.inputs, vocabulary, choice.embeddings !== undefined),
    lstm: recurrentSpec(stack.cell, stack.layers.map(([{ units }]) => units), stack.bidirectional),
    heads: found.heads.map((head, k) => headOf(head, names.heads[k])),
    lossOn: 'all',
    evaluateOn: 'all',
  });
  const parameters = readOwn(spec, renamed(tensors, spec, stack, found, names));
  const { extra, notes } = plainSequences(spec, vocabulary);
  return { spec, parameters, extra, notes: [...describe(spec, stack, found), ...notes] };
} // prettier-ignore

/** The ends of the modules' names where these tell them apart, else all of them without dots. */
function namesOf(modules: readonly { module: string }[]): string[] {
  const ends = modules.map(({ module }) => module.slice(module.lastIndexOf('.') + 1));
  return new Set(ends).size === ends.length ? ends : modules.map(({ module }) => module.replaceAll('.', '_'));
}

/** What enters the first layer: embeddings, then numbers; or one vocabulary, as one-hot vectors. */
function inputsOf(
  embeddings: readonly FoundEmbedding[],
  names: readonly string[],
  inputs: number,
  vocabulary: readonly string[] | undefined,
  isOrdered: boolean,
): ModelSpec['inputs'] {
  if (embeddings.length === 0 && vocabulary?.length === inputs) {
    return { categories: [{ name: 'class', size: inputs }], features: [] };
  }
  const widths = embeddings.map(({ width }) => width);
  const sum = widths.reduce((a, b) => a + b, 0);
  const added = widths.length > 1 && widths.every((width) => width === inputs);
  if (!added && sum > inputs) {
    throw new UsageError(`the tables ${listed(embeddings)} side by side are wider than the ${inputs} inputs of the first layer; name those that it reads with --embedding.`); // prettier-ignore
  }
  if (!added && widths.length > 1 && !isOrdered) {
    throw new UsageError(`the first layer reads the tables ${listed(embeddings)}, and nothing says in which order: --embedding ${embeddings.map(({ module }) => module).join(',')}, or another.`); // prettier-ignore
  }
  const rest = added ? 0 : inputs - sum;
  return {
    categories: embeddings.map(({ classes, width }, k) => ({ name: names[k], size: classes, width })),
    features: Array.from({ length: rest }, (_, k) => `number ${k}`),
    ...(!added && widths.length > 1 && { combine: 'join' as const }),
  };
}

function listed(embeddings: readonly FoundEmbedding[]): string {
  return embeddings.map(({ module, classes, width }) => `${module} [${classes}, ${width}]`).join(', ');
}

/** Several outputs are classes unless it was said otherwise, one is a number. */
function headOf({ outputs, numbers = outputs === 1 }: FoundHead, name: string): HeadSpec {
  const common = { name, lossWeight: 1, size: outputs };
  return numbers ? { ...common, kind: 'numbers', loss: { kind: 'squared' } } : { ...common, kind: 'categorical' };
}

/** The tensors under the names that we would give them, with zeros where a layer has no biases. */
function renamed(tensors: StateDict, spec: ModelSpec, stack: FoundStack, found: FoundModules, names: { heads: string[]; embeddings: string[] }): StateDict {
  const result = new Map<string, StateTensor>();
  const zeros = (length: number): StateTensor => ({ shape: [length], data: new Float32Array(length) });
  const cells = stack.layers.flat();
  cellNames(spec).forEach(({ tensors: ours }, k) => {
    const { tensors: theirs, hasBias, units } = cells[k];
    result.set(ours.input, tensors.get(theirs.input)!);
    result.set(ours.recurrent, tensors.get(theirs.recurrent)!);
    for (const part of ['inputBias', 'recurrentBias'] as const) {
      result.set(ours[part], hasBias ? tensors.get(theirs[part])! : zeros(CELLS[stack.cell].gates.length * units));
    }
  });
  found.embeddings.forEach(({ module }, k) => {
    result.set(`embeddings.${names.embeddings[k]}.weight`, tensors.get(`${module}.weight`)!);
  });
  found.heads.forEach(({ module, hasBias, outputs }, k) => {
    result.set(`heads.${names.heads[k]}.weight`, tensors.get(`${module}.weight`)!);
    result.set(`heads.${names.heads[k]}.bias`, hasBias ? tensors.get(`${module}.bias`)! : zeros(outputs));
  });
  return result;
} // prettier-ignore

/** What was found, a line each. */
function describe(spec: ModelSpec, { cell, layers, modules }: FoundStack, { heads, embeddings }: FoundModules): string[] {
  const names = {
    recurrent: modules.map((module) => module || 'the tensors without a prefix'),
    embeddings: embeddings.map(({ module }) => module),
    heads: heads.map(({ module }) => module),
  };
  const [first, ...rest] = describeNetwork(spec, names, layers[0][0].hasBias ? '' : ', without biases');
  const taken = cell === 'rnn' ? ['An nn.RNN is taken to use tanh: the file does not say, and Etude has no RNN with relu.'] : [];
  return [first, ...taken, ...rest];
} // prettier-ignore
