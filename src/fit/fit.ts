import { UsageError } from '../errors.ts';
import { validateSpec, type ModelSpec, type OwnLosses } from '../nn/index.ts';
import { loadKernels, Random } from '../tensor/index.ts';
import { codingsOf, headOf, inputsOf, isOwn, OWN } from './describe.ts';
import { FittedModel } from './fitted-model.ts';
import { measure } from './measure.ts';
import { settle, type FitOptions, type Settled } from './options.ts';
import { firstSteps, holdOut, readProblem } from './problem.ts';
import { createReader } from './reader.ts';
import type { ClassSequences, NumberSequences, RowSequences, Sequences } from './table.ts';
import { datasetsOf, train } from './train.ts';

/** Steps of what is held out that metrics look at, at most: seconds, even of a large model. */
const STEPS_MEASURED = 10_000;

/**
 * Makes a model of sequences and trains it. What is learned follows from what is given:
 *
 * - sequences alone: what comes next. One text or one series may be given by itself, and its end is held out for validation;
 * - `answers` with one class (a string) or number for each sequence: to tell that when the sequence has been read;
 * - `answers` with a list for each sequence, as long as it: a label, a number or a row of numbers at each step.
 *
 * Sequences may have any lengths. A text is a sequence of its characters, a list of strings one of these; numbers may stand in arrays or
 * typed arrays. Numbers are standardised by the mean and deviation of what is trained on, which the model keeps.
 *
 * @throws DataError that names the place of the first thing in the data that cannot be; UsageError that names an option
 * @throws DivergedError when the loss grows beyond all bounds: take a smaller learning rate
 * @throws the reason of `signal` when it is aborted in the first epoch
 */
export function fit(
  problem: FitOptions & { sequences: ClassSequences; answers?: undefined },
): Promise<FittedModel<string>>;
export function fit(
  problem: FitOptions & { sequences: NumberSequences; answers?: undefined },
): Promise<FittedModel<number>>;
export function fit(
  problem: FitOptions & { sequences: RowSequences; answers?: undefined },
): Promise<FittedModel<Float64Array>>;
export function fit(
  problem: FitOptions & { sequences: Sequences; answers: readonly string[] | readonly (readonly string[])[] },
): Promise<FittedModel<string>>;
export function fit(
  problem: FitOptions & { sequences: Sequences; answers: NumberSequences },
): Promise<FittedModel<number>>;
export function fit(
  problem: FitOptions & { sequences: Sequences; answers: RowSequences },
): Promise<FittedModel<Float64Array>>;
export async function fit({ sequences, answers, ...given }: FitOptions & { sequences: Sequences; answers?: unknown }): Promise<FittedModel> {
  const options = settle(given);
  options.signal?.throwIfAborted();
  const problem = readProblem(sequences, answers);
  const { task, examples } = problem;
  if (options.bidirectional && task === 'next') {
    throw new UsageError('bidirectional: what comes next is not there to be read from its end; give answers, or leave it out.');
  }
  const order = Random.stream(options.seed, 'split').shuffle([...examples.keys()]);
  const split = holdOut(problem, options.validation, order);
  const codings = codingsOf(problem, split.train, options);
  const spec = validateSpec({
    inputs: inputsOf(codings.input),
    lstm: layersOf(options),
    heads: [headOf(codings.output, options)],
    lossOn: 'all',
    evaluateOn: 'all',
  });
  const losses: OwnLosses = isOwn(options.loss) ? { [OWN]: options.loss } : {};
  const { parameters, ...training } = await train(spec, datasetsOf(spec, task, split, codings, options), losses, options);
  const parts = { spec, parameters, ...codings, losses };
  const reader = createReader(parts, task, await loadKernels());
  const metrics = measure(reader, task, firstSteps(split.validation, STEPS_MEASURED), { head: spec.heads[0], output: codings.output });
  return new FittedModel(parts, { task, ...training, metrics }, reader);
} // prettier-ignore

/** Files of models that are LSTMs, of one width or of one direction do not say so. */
function layersOf({ layers, units, dropout, cell, bidirectional }: Settled): ModelSpec['lstm'] {
  const widths = typeof units === 'number' ? [units] : [...units];
  const hiddenSize = widths[widths.length - 1];
  const differ = widths.some((width) => width !== hiddenSize);
  return {
    layers,
    hiddenSize,
    dropout,
    ...(differ && { widths }),
    ...(cell !== 'lstm' && { cell }),
    ...(bidirectional && { bidirectional }),
  };
}
