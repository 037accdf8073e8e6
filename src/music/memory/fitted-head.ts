import type { HeadName } from '../../midi/index.ts';
import type { Kernels, Tensor } from '../../tensor/index.ts';
import { FITTED, numbersOf, SourceGradient, weightsOf, type Collected } from './gradient.ts';
import type { HeadMemory } from './parameters.ts';
import type { NoteClasses, Trail } from './trail.ts';
import { Votes } from './votes.ts';

/** What is known when a note is predicted. */
export interface Heard {
  trail: Trail;
  /** By lag, the likeness of the network's states, where they count. */
  likeness: Float64Array | undefined;
}

/** A probability is never less: a class that the model calls impossible, and nobody votes for, would cost everything. */
export const LEAST_PROBABILITY = 1e-9;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The numbers of one head while they are fitted. */
export class FittedHead {
  readonly name: HeadName;
  /** Twelve numbers for each source. */
  readonly numbers: Tensor;
  /** dL/d(numbers), summed over the notes since the last update. */
  readonly gradient: Tensor;
  /** Since `startPass`: notes, and their nats without the memory and with it. */
  rows = 0;
  without = 0;
  with = 0;
  readonly #sources: Source[];
  readonly #size: number;
  readonly #sharp: boolean;
  readonly #kernels: Kernels;
  readonly #moments: [Tensor, Tensor];
  #step = 0;

  /** @param kernels in float64 */
  constructor(name: HeadName, size: number, start: HeadMemory, window: number, kernels: Kernels) {
    this.name = name;
    this.#size = size;
    // Keys beside one another have nothing in common, as times have.
    this.#sharp = name === 'pitch';
    this.#kernels = kernels;
    const given = start.transposed ? [start.own, start.transposed] : [start.own];
    const tensor = (): Tensor => kernels.arena.tensor([given.length * FITTED]);
    [this.numbers, this.gradient, this.#moments] = [tensor(), tensor(), [tensor(), tensor()]];
    this.numbers.data.set(given.flatMap(numbersOf));
    this.#sources = given.map((_, index) => ({
      transposed: index === 1,
      from: index * FITTED,
      votes: new Votes(window),
      part: new SourceGradient(size, this.#sharp),
    }));
  }

  startPass(): void {
    [this.rows, this.without, this.with] = [0, 0, 0];
  }

  /**
   * Adds a note's nats and their gradient.
   * @param drawn what of the note is drawn before this head
   * @param actual the class that came
   * @param model the model's probability of it
   */
  add(heard: Heard, drawn: Partial<NoteClasses>, actual: number, model: number): void {
    const asked = this.#sources.map((source) => this.#ask(source, heard, drawn, actual));
    let right = model;
    let all = 1;
    for (const { part } of this.#sources) {
      right += part.weight * part.right;
      all += part.weight;
    }
    this.rows++;
    this.without -= Math.log(Math.max(model, LEAST_PROBABILITY));
    this.with -= Math.log(Math.max(right / all, LEAST_PROBABILITY));
    if (right / all <= LEAST_PROBABILITY) return;
    this.#sources.forEach(({ from, part }, index) => {
      const slopes = { dWeight: 1 / all - part.right / right, dRight: -part.weight / right };
      part.backward(this.gradient.data, from, slopes, this.#numbersAt(from), asked[index]);
    });
  }

  /** One step down the gradient; Adam does not care how many notes it was summed over. */
  update(learningRate: number): void {
    const [m, v] = this.#moments;
    this.#kernels.adam(this.numbers, this.gradient, m, v, { ...ADAM, learningRate, step: ++this.#step });
    this.#kernels.fill(this.gradient, 0);
  }

  result(): HeadMemory {
    const weights = this.#sources.map(({ from }) => weightsOf(this.#numbersAt(from), this.#sharp));
    return weights.length === 1 ? { own: weights[0] } : { own: weights[0], transposed: weights[1] };
  }

  #ask(
    { transposed, from, votes, part }: Source,
    heard: Heard,
    drawn: Partial<NoteClasses>,
    actual: number,
  ): Collected {
    const weights = weightsOf(this.#numbersAt(from), this.#sharp);
    const question = { head: this.name, drawn, transposed, lowest: 0, highest: this.#size - 1, minLag: 0 };
    votes.collect(heard.trail, question, weights, heard.likeness);
    part.forward(votes, weights, actual);
    return { ...heard, votes, question };
  }

  #numbersAt(from: number): ArrayLike<number> {
    return this.numbers.data.subarray(from, from + FITTED);
  }
}

interface Source {
  transposed: boolean;
  /** Where its numbers begin. */
  from: number;
  votes: Votes;
  part: SourceGradient;
}
