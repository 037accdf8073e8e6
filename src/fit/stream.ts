import { UsageError } from '../errors.ts';
import { assertForward, Stepper, type NamedArrays, type ModelSpec, type OwnLosses } from '../nn/index.ts';
import type { Kernels } from '../tensor/index.ts';
import { Coder, widthOf, type Coding } from './coding.ts';
import { OutputReader, type Prediction, type Value } from './prediction.ts';

/** What a model reads and says with. */
export interface ModelParts {
  spec: ModelSpec;
  parameters: NamedArrays;
  input: Coding;
  output: Coding;
  losses: OwnLosses;
}

/** A model that is given one step after the other. It keeps what it has read, and allocates nothing but its predictions. */
export class Stream<V extends Value = Value> {
  readonly #stepper: Stepper;
  readonly #coder: Coder;
  readonly #output: OutputReader<V>;
  readonly #category = new Int32Array(1);
  readonly #features: Float32Array;
  readonly #isClass: boolean;
  #steps = 0;

  /** @throws UsageError when the model is bidirectional */
  constructor({ spec, parameters, input, output, losses }: ModelParts, kernels: Kernels) {
    assertForward(spec, 'stream');
    this.#stepper = new Stepper(spec, parameters, kernels);
    this.#coder = new Coder(input);
    this.#output = new OutputReader(spec.heads[0], output, losses);
    this.#isClass = input.kind === 'classes';
    this.#features = new Float32Array(this.#isClass ? 0 : widthOf(input));
  }

  /** Steps read since the beginning, or since `reset`. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Reads one step: a class, a number, or a row of numbers.
   * @returns what follows it, or the answer after it
   * @throws DataError when it is not what the model was trained on
   */
  push(value: string | number | ArrayLike<number>): Prediction<V> {
    this.read(value);
    return this.predict();
  }

  /** Reads one step as `push` does, for whoever needs no prediction yet. */
  read(value: string | number | ArrayLike<number>): void {
    this.#coder.encodeStep(value, this.#isClass ? this.#category : this.#features, `step ${this.#steps}`);
    this.#stepper.step(this.#category, this.#features);
    this.#steps++;
  }

  /**
   * What the model says after the step that was read last.
   * @throws UsageError where none was
   */
  predict(): Prediction<V> {
    if (this.#steps === 0) throw new UsageError('stream: nothing was read yet; push a step first.');
    return this.#output.read(this.outputs);
  }

  /** The outputs behind the prediction, before the loss makes it of them: logits of classes. Overwritten by the next step. */
  get outputs(): ArrayLike<number> {
    return this.#stepper.output(0);
  }

  /** Forgets what was read. */
  reset(): void {
    this.#stepper.reset();
    this.#steps = 0;
  }
}
