import { DataError, UsageError } from '../errors.ts';
import { CategoricalSampler, encodeCheckpoint, PLAIN_SAMPLING, type SamplingOptions } from '../nn/index.ts';
import { loadKernels, Random } from '../tensor/index.ts';
import { Coder } from './coding.ts';
import { measure, type Metrics } from './measure.ts';
import type { FitEpoch } from './options.ts';
import type { Prediction, Value } from './prediction.ts';
import { readProblem, type Task } from './problem.ts';
import { readThrough, type Reader } from './reader.ts';
import { Stream, type ModelParts } from './stream.ts';
import { readSequence, readSequences, type Answers, type AnySequence, type Sequences, type Table } from './table.ts';

/** How a training ended. */
export type FitReason = 'completed' | 'early stopping' | 'interrupted';

/** What a model remembers beside what it predicts with. */
export interface FitMemory {
  task: Task;
  history: FitEpoch[];
  reason: FitReason;
  metrics: Metrics | null;
}

/** Options of `forecast` for classes. */
export interface ForecastSampling extends Partial<SamplingOptions> {
  /** Of what is drawn. @default 1 */
  seed?: number;
}

/**
 * A model that `fit` made, or `loadModel` read. It takes and gives values in the units of the data that it was trained on.
 *
 * `V` is what it predicts: `string` for classes, `number`, or `Float64Array` for rows of numbers.
 */
export class FittedModel<V extends Value = Value> {
  /** What it is asked: what comes `next`, one answer at the `ends` of sequences, or one at each of their `steps`. */
  readonly task: Task;
  /** The losses of each epoch. */
  readonly history: readonly FitEpoch[];
  /** How its training ended. */
  readonly reason: FitReason;
  /** How good it is on what was held out, on the first 10,000 steps of it; null where nothing was. */
  readonly metrics: Metrics | null;
  readonly #parts: ModelParts;
  readonly #memory: FitMemory;
  readonly #reader: Reader<V>;

  /** Models come from `fit` and `loadModel`. */
  constructor(parts: ModelParts, memory: FitMemory, reader: Reader<V>) {
    this.task = memory.task;
    this.history = memory.history;
    this.reason = memory.reason;
    this.metrics = memory.metrics;
    this.#parts = parts;
    this.#memory = memory;
    this.#reader = reader;
  }

  /** The classes that it tells apart, in the order of `Prediction.probabilities`; none where it predicts numbers. */
  get classes(): readonly string[] {
    return this.#parts.output.kind === 'classes' ? this.#parts.output.classes : [];
  }

  /**
   * What follows each sequence, or the answer at its end.
   *
   * @param sequences as `fit` takes them; of one alone the result is a list of one
   * @throws DataError that names the place of the first thing that the model does not know
   */
  predict(sequences: Sequences): Prediction<V>[] {
    return this.#read(sequences).map(([table, place]) => {
      this.#through(table, place);
      return this.#reader.predict();
    });
  }

  /**
   * The same at every step of each sequence: its label, or what follows so far. A bidirectional model that tells one answer reads all that
   * came so far anew at each step.
   * @throws DataError as `predict` does
   */
  predictSteps(sequences: Sequences): Prediction<V>[][] {
    return this.#read(sequences).map(([table, place]) => {
      const said: Prediction<V>[] = [];
      this.#through(table, place, () => said.push(this.#reader.predict()));
      return said;
    });
  }

  /**
   * How good it is on data that it has not seen.
   * @throws DataError where the sequences or answers are not of the kind that it was trained on
   */
  evaluate(sequences: Sequences, answers?: Answers): Metrics {
    const { task, examples } = readProblem(sequences, answers);
    if (task !== this.task) throw new UsageError(`evaluate: expected ${ASKED[this.task]}, got ${ASKED[task]}.`);
    const { spec, input, output } = this.#parts;
    const [coder, answerCoder] = [new Coder(input), new Coder(output)];
    for (const { place, sequence, answer } of examples) {
      coder.encode(sequence, place);
      answerCoder.encode(answer, `the answer of ${place}`);
    }
    const metrics = measure(this.#reader, task, examples, { head: spec.heads[0], output });
    if (!metrics) throw new DataError('evaluate: no sequence has a second step, so that nothing can be asked.');
    return metrics;
  }

  /**
   * Writes a sequence on: what was predicted is read as the next step, `count` times. Of classes the likeliest is taken unless
   * `sampling` is given. What a loss says beside the value (quantiles, a deviation) holds for one step, given that those before it came
   * as they were predicted: the further ahead, the more it understates.
   *
   * @throws UsageError where the model was not trained on what comes next; DataError as `predict` does
   */
  forecast(sequence: AnySequence, count: number, sampling?: ForecastSampling): Prediction<V>[] {
    const stream = this.#reader;
    if (this.task !== 'next' || !(stream instanceof Stream)) throw new UsageError(`forecast: this model was trained on ${ASKED[this.task]}, and not on what comes next.`);
    if (!(Number.isInteger(count) && count >= 0)) throw new UsageError(`forecast: expected a whole number of steps, 0 or more, got ${count}.`);
    const draw = sampling && this.classes.length > 0 ? this.#drawer(stream, sampling) : undefined;
    this.#through(readSequence(sequence, 'sequence'), 'sequence');
    const said: Prediction<V>[] = [];
    for (let step = 0; step < count; step++) {
      const prediction = stream.predict();
      if (draw) prediction.value = draw() as V;
      said.push(prediction);
      if (step < count - 1) stream.read(prediction.value);
    }
    return said;
  }

  /**
   * A stream of its own, with a copy of the weights: several can be read side by side.
   * @throws UsageError where the model is bidirectional: it has to read whole sequences
   */
  async stream(): Promise<Stream<V>> {
    return new Stream<V>(this.#parts, await loadKernels());
  }

  /** A file with all of it, except a loss of one's own, which is a function; `loadModel` reads it. The same model gives the same bytes. */
  save(): Uint8Array<ArrayBuffer> {
    const { spec, parameters, input, output } = this.#parts;
    const { task, history, reason, metrics } = this.#memory;
    return encodeCheckpoint({ spec, parameters, extra: { fit: { version: 1, task, input, output, history, reason, metrics } } });
  }

  #read(sequences: Sequences): [table: Table, place: string][] {
    const { tables, alone } = readSequences(sequences, 'sequences');
    return tables.map((table, index) => [table, alone ? 'sequences' : `sequences[${index}]`]);
  }

  /** Reads a sequence from its beginning, all of it checked before. */
  #through(table: Table, place: string, atStep?: () => void): void {
    new Coder(this.#parts.input).encode(table, place);
    readThrough(this.#reader, table, atStep);
  }

  /** Draws the next class from what the model says. */
  #drawer(stream: Stream, { seed = 1, ...options }: ForecastSampling): () => string {
    const sampler = new CategoricalSampler(this.classes.length, { ...PLAIN_SAMPLING, ...options });
    const random = Random.stream(seed, 'sample');
    return () => this.classes[sampler.sample(stream.outputs, random)];
  }
} // prettier-ignore

const ASKED: Readonly<Record<Task, string>> = {
  next: 'sequences alone',
  ends: 'one answer for each sequence',
  steps: 'an answer for each step',
};
