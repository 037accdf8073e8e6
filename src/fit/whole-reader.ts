import { Network, ParameterSet } from '../nn/index.ts';
import type { Kernels, Lease } from '../tensor/index.ts';
import { Coder } from './coding.ts';
import { OutputReader, type Prediction, type Value } from './prediction.ts';
import type { Task } from './problem.ts';
import type { ModelParts } from './stream.ts';
import type { Table } from './table.ts';

/** Networks are laid out for lengths that are multiples of this, so that sequences of much the same length share one. */
const LENGTHS = 16;

/** Reads whole sequences with a bidirectional model, which can say nothing of one before its end is there. */
export class WholeReader<V extends Value = Value> {
  readonly #kernels: Kernels;
  readonly #parts: ModelParts;
  readonly #task: Task;
  readonly #weights: ParameterSet;
  readonly #coder: Coder;
  readonly #output: OutputReader<V>;
  #laidOut?: { steps: number; network: Lease<Network> };
  /** The sequence as the network reads it, how much of it was run last, and the step that is looked at. */
  #sequence: { values: ArrayLike<number>; length: number } = { values: [], length: 0 };
  #run?: { length: number; network: Network };
  #step = 0;

  constructor(parts: ModelParts, task: Task, kernels: Kernels) {
    this.#parts = parts;
    this.#task = task;
    this.#kernels = kernels;
    this.#weights = new ParameterSet(kernels.arena, parts.spec);
    this.#weights.fromArrays(parts.parameters);
    this.#coder = new Coder(parts.input);
    this.#output = new OutputReader(parts.spec.heads[0], parts.output, parts.losses);
  }

  /** Goes through a sequence: `atStep` may ask at each step what is said there. Nothing runs before somebody asks. */
  through(table: Table, atStep?: (step: number) => void): void {
    this.#sequence = { values: this.#coder.encode(table, 'sequence'), length: table.length };
    this.#run = undefined;
    for (this.#step = 0; this.#step < table.length; this.#step++) atStep?.(this.#step);
    this.#step = table.length - 1;
  }

  /** What is said at the step: its label, given the whole sequence; or the answer, had the sequence ended there. */
  predict(): Prediction<V> {
    const length = this.#task === 'ends' ? this.#step + 1 : this.#sequence.length;
    if (this.#run?.length !== length) this.#run = { length, network: this.#read(length) };
    const { columns, data } = this.#run.network.heads[0].out;
    return this.#output.read(data.subarray(columns * this.#step, columns * (this.#step + 1)));
  }

  /** Runs the first steps of the sequence, as if they were all of it. */
  #read(length: number): Network {
    const steps = Math.ceil(length / LENGTHS) * LENGTHS;
    const width = this.#sequence.values.length / this.#sequence.length;
    const values = new Float64Array(steps * width);
    for (let at = 0; at < length * width; at++) values[at] = this.#sequence.values[at];
    const network = this.#networkOf(steps);
    network.load({
      size: 1,
      steps,
      lengths: [length],
      ...(this.#parts.input.kind === 'classes'
        ? { categories: [values], features: [] }
        : { categories: [], features: values }),
      ...(this.#task === 'ends' && { asked: 'ends' }),
    });
    network.forward();
    return network;
  }

  #networkOf(steps: number): Network {
    if (this.#laidOut?.steps !== steps) {
      this.#laidOut?.network.release();
      const [kernels, { spec }] = [this.#kernels, this.#parts];
      // Whatever it was trained on, as an imported model may say: a sequence ends where it ends, and is then asked there.
      const network = kernels.arena.lease(
        () => new Network(kernels, spec, { batchSize: 1, steps }, this.#weights, { lossOn: 'all' }),
      );
      this.#laidOut = { steps, network };
    }
    return this.#laidOut.network.value;
  }
}
