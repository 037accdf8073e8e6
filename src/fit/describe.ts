import { DataError, UsageError } from '../errors.ts';
import type { HeadSpec, Loss, ModelSpec, NumbersLoss } from '../nn/index.ts';
import { classesOf, plainNumbers, standardOf, widthOf, type Coding } from './coding.ts';
import type { Settled } from './options.ts';
import type { Example, Problem } from './problem.ts';
import type { Table } from './table.ts';

/** The name by which models call a loss of one's own. */
export const OWN = 'own';

/** How a model writes what it reads and what it predicts. */
export interface Codings {
  input: Coding;
  output: Coding;
}

/**
 * Classes are those of all examples; means and deviations those of what is trained on.
 * @throws DataError where the loss does not take the answers
 */
export function codingsOf({ task, examples }: Problem, train: readonly Example[], { loss }: Settled): Codings {
  const of = (all: readonly Table[], trained: readonly Table[], standardised: boolean): Coding => {
    const [first] = all;
    if (first.kind === 'classes') return { kind: 'classes', classes: classesOf(all) };
    return standardised ? standardOf(trained) : plainNumbers(first.width);
  };
  const sequencesOf = (some: readonly Example[]): Table[] => some.map(({ sequence }) => sequence);
  const answersOf = (some: readonly Example[]): Table[] => some.map(({ answer }) => answer);
  // What a loss of one's own reads only its author knows, and yes and no are 1 and 0: such numbers stay as they are.
  const standardised = !isOwn(loss) && kindOf(loss) !== 'binary';
  const input = of(sequencesOf(examples), sequencesOf(train), true);
  const output = of(answersOf(examples), answersOf(train), standardised);
  if (kindOf(loss) === 'binary') assertYesOrNo(answersOf(examples));
  return { input, output: task === 'next' && standardised ? input : output };
}

function assertYesOrNo(answers: readonly Table[]): void {
  const wrong = answers.flatMap((table) => (table.kind === 'numbers' ? [...table.values] : [])).find((value) => !(value >= 0 && value <= 1)); // prettier-ignore
  if (wrong !== undefined) throw new DataError(`answers: the loss "binary" expects numbers from 0 (no) to 1 (yes), got ${wrong}.`); // prettier-ignore
}

/** What the network reads. */
export function inputsOf(input: Coding): ModelSpec['inputs'] {
  if (input.kind === 'classes') return { categories: [{ name: 'class', size: widthOf(input) }], features: [] };
  return { categories: [], features: input.mean.map((_, k) => `number ${k}`) };
}

/**
 * What the network predicts.
 * @throws UsageError where a loss or weights do not go with it
 */
export function headOf(output: Coding, { loss, classWeights }: Settled): HeadSpec {
  const common = { name: 'answer', lossWeight: 1, size: widthOf(output) };
  if (output.kind === 'numbers') {
    if (classWeights) throw new UsageError('classWeights: this model predicts numbers, and has no classes to weigh.');
    return { ...common, kind: 'numbers', loss: numbersLoss(loss) };
  }
  if (loss !== undefined) throw new UsageError('loss: this model predicts classes, whose loss is the cross-entropy; leave it out.'); // prettier-ignore
  if (!classWeights) return { ...common, kind: 'categorical' };
  const unknown = Object.keys(classWeights).find((name) => !output.classes.includes(name));
  if (unknown !== undefined) throw new UsageError(`classWeights: there is no class ${JSON.stringify(unknown)}.`);
  const weightOf = (name: string): number => (Object.hasOwn(classWeights, name) ? classWeights[name] : 1);
  return { ...common, kind: 'categorical', classWeights: output.classes.map(weightOf) };
}

/** Whether a loss is one's own. */
export function isOwn(loss: Settled['loss']): loss is Loss {
  return typeof loss === 'object' && 'row' in loss;
}

function kindOf(loss: Settled['loss']): string | undefined {
  return typeof loss === 'object' && 'kind' in loss ? loss.kind : (loss as string | undefined);
}

function numbersLoss(loss: Settled['loss'] = 'squared'): NumbersLoss {
  if (typeof loss === 'string') return loss === 'huber' ? { kind: loss, delta: 1 } : { kind: loss };
  return isOwn(loss) ? { kind: 'own', name: OWN, outputs: loss.outputs } : loss;
}
