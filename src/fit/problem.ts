import { DataError } from '../errors.ts';
import { counted } from '../text/words.ts';
import { assertAlike, cutTable, isList, nameOf, readSequence, readSequences, type Table } from './table.ts';

/** What a model is asked: what comes next, one thing when a sequence has been read, or one thing at each step. */
export type Task = 'next' | 'ends' | 'steps';

/** A sequence with what it is asked for. */
export interface Example {
  /** What it is called in errors. */
  place: string;
  sequence: Table;
  /** At each step, or for the whole: one row. The sequence itself where the model learns what comes next. */
  answer: Table;
}

export interface Problem {
  task: Task;
  examples: Example[];
}

/**
 * Reads sequences with their answers: none, one for each sequence, or a list with one for each step.
 * @throws DataError that names the place of the first thing that does not fit
 */
export function readProblem(sequences: unknown, answers: unknown): Problem {
  const { tables, alone } = readSequences(sequences, 'sequences');
  const placeOf = (name: string, index: number): string => (alone ? name : `${name}[${index}]`);
  const of = (task: Task, found?: readonly Table[]): Problem => ({
    task,
    examples: tables.map((sequence, index) => ({ place: placeOf('sequences', index), sequence, answer: found?.[index] ?? sequence })),
  }); // prettier-ignore
  if (answers === undefined) return of('next');
  if (!isList(answers)) throw new DataError(`answers: expected an array, got ${nameOf(answers)}.`);
  const items: ArrayLike<unknown> = alone ? [answers] : answers;
  if (items.length !== tables.length) {
    throw new DataError(
      `answers: expected one for each of ${counted(tables.length, 'sequence')}, got ${items.length}.`,
    );
  }
  if (!isList(items[0])) return of('ends', readEnds(items));
  const found = tables.map((table, index) => readSteps(items[index], table.length, placeOf('answers', index)));
  found.forEach((each, index) => {
    assertAlike(each, found[0], placeOf('answers', index), 'answers[0]');
  });
  return of('steps', found);
}

/** One answer for each sequence, each as a table of one row. */
function readEnds(answers: ArrayLike<unknown>): Table[] {
  return Array.from(answers, (answer, index) => {
    if (typeof answer === typeof answers[0] && !isList(answer)) return readSequence([answer], `answers[${index}]`);
    throw new DataError(`answers[${index}]: expected a ${typeof answers[0]}, as in answers[0], got ${nameOf(answer)}.`);
  });
}

function readSteps(answer: unknown, length: number, place: string): Table {
  if (!isList(answer)) throw new DataError(`${place}: expected a list with an answer for each step, got ${nameOf(answer)}.`); // prettier-ignore
  if (answer.length !== length) throw new DataError(`${place}: expected one for each of ${counted(length, 'step')} of its sequence, got ${answer.length}.`); // prettier-ignore
  return readSequence(answer, place);
}

/** What of an example the model can be asked for: what follows the last step is not known. */
export function askedOf(task: Task, { sequence }: Example): number {
  return task === 'ends' ? 1 : task === 'next' ? sequence.length - 1 : sequence.length;
}

/**
 * Holds out a share: the end of an example that is alone, or whole examples.
 *
 * @param order the numbers of all examples, shuffled: the first are held out
 * @returns nothing held out where the share comes to less than there must be to ask for anything
 */
export function holdOut({ task, examples }: Problem, share: number, order: ArrayLike<number>): { train: Example[]; validation: Example[]; weighed: number[] } {
  const all = [...examples.keys()];
  const nothing = { train: examples, validation: [], weighed: all };
  if (examples.length > 1) {
    const held = new Set(Array.from({ length: Math.min(Math.round(share * examples.length), examples.length - 1) }, (_, k) => order[k]));
    const weighed = all.filter((index) => !held.has(index));
    return { train: weighed.map((index) => examples[index]), validation: all.filter((index) => held.has(index)).map((index) => examples[index]), weighed };
  }
  const [example] = examples;
  const { length } = example.sequence;
  const from = length - Math.round(share * length);
  const least = task === 'next' ? 2 : 1;
  if (task === 'ends' || length - from < least || from < least) return nothing;
  return { train: [cut(example, 0, from)], validation: [cut(example, from, length)], weighed: all };
} // prettier-ignore

function cut({ place, sequence, answer }: Example, from: number, to: number): Example {
  return { place, sequence: cutTable(sequence, from, to), answer: cutTable(answer, from, to) };
}

/** The first examples, with so many steps together: the last of them is cut off there, unless it is asked for its end. */
export function firstSteps(examples: readonly Example[], most: number): Example[] {
  const first: Example[] = [];
  for (const example of examples) {
    if (most <= 0) break;
    const { length } = example.sequence;
    const fits = length <= most || example.answer.length !== length;
    first.push(fits ? example : cut(example, 0, most));
    most -= length;
  }
  return first;
}
