import { UsageError } from '../errors.ts';
import { headSize, type ModelSpec, type SavedModel } from '../nn/index.ts';
import { counted } from '../text/words.ts';

/**
 * How a network reads and writes plain sequences, as `loadModel` takes it (`fit` in docs/checkpoint.md): classes under their names, numbers
 * as they are. Nothing for a network with several inputs or heads, which `loadModel` does not take.
 *
 * @throws UsageError for a vocabulary that does not fit
 */
export function plainSequences({ inputs, heads, lstm, lossOn }: ModelSpec, vocabulary?: readonly string[]): { extra: SavedModel['extra']; notes: string[] } {
  const { categories, features } = inputs;
  if (heads.length > 1 || categories.length > 1 || (categories.length > 0 && features.length > 0)) {
    if (vocabulary) throw new UsageError('vocabulary: this network has several inputs or heads, and keeps names of classes only where it has one of each.');
    return { extra: {}, notes: ['It has several inputs or heads, which decodeCheckpoint and Stepper take; loadModel takes one of each.'] };
  }
  if (vocabulary) assertVocabulary(vocabulary, inputs);
  const [head] = heads;
  const [category] = categories as (typeof categories[number] | undefined)[];
  const size = headSize(head);
  const isAlike = head.kind === 'categorical' ? size === category?.size : !category && size === features.length;
  const input = category ? classes(category.size, vocabulary) : numbers(features.length);
  const output = head.kind === 'categorical' ? classes(size, isAlike ? vocabulary : undefined) : numbers(size);
  // What goes in is what comes out: the model says what comes next. Any other, and one that reads from the end, labels steps, or the sequence.
  const task = isAlike && !lstm.bidirectional ? 'next' : lossOn === 'last' ? 'ends' : 'steps';
  const fit = { version: 1, task, input, output, history: [], reason: 'completed', metrics: null };
  const unnamed = category && !vocabulary;
  return {
    extra: { fit },
    notes: unnamed ? [`Its ${counted(category.size, 'class', 'classes')} are called 0 to ${category.size - 1}: --vocabulary FILE gives them names.`] : [],
  };
} // prettier-ignore

function assertVocabulary(vocabulary: readonly string[], { categories, features }: ModelSpec['inputs']): void {
  if (categories.length !== 1) throw new UsageError(`vocabulary: expected a network that reads one kind of class, got one with ${counted(categories.length, 'embedding')} and ${counted(features.length, 'number')}${categories.length === 0 ? `; a one-hot input of ${features.length} takes a vocabulary of as many` : ''}.`); // prettier-ignore
  const [{ size }] = categories;
  if (vocabulary.length !== size) throw new UsageError(`vocabulary: expected ${counted(size, 'name')}, one for each class, got ${vocabulary.length}.`); // prettier-ignore
  const seen = new Set<string>();
  const twice = vocabulary.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new UsageError(`vocabulary: the name ${JSON.stringify(twice)} stands there twice.`);
}

function classes(size: number, names: readonly string[] | undefined) {
  return { kind: 'classes', classes: names ?? Array.from({ length: size }, (_, k) => String(k)) };
}

function numbers(width: number) {
  return { kind: 'numbers', mean: new Array<number>(width).fill(0), deviation: new Array<number>(width).fill(1) };
}
