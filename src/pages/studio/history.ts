import type { ChartData } from '../kit/chart-range.ts';
import type { StepNews } from './protocol.ts';

/** More points than a chart has room for: pairs are then merged into their means. */
const MOST_POINTS = 1200;

/** What is kept of a history between visits. */
export interface Curves {
  heads: readonly string[];
  stride: number;
  steps: number[];
  losses: number[][];
  norms: number[];
}

/** The losses of a run as columns for a chart; as it grows long, each point becomes the mean of ever more steps. */
export class LossHistory {
  readonly heads: readonly string[];
  /** Steps that go into one point. */
  stride = 1;
  #steps: number[] = [];
  #losses: number[][];
  #norms: number[] = [];
  #pending: { count: number; losses: number[]; norm: number };

  constructor(heads: readonly string[]) {
    this.heads = heads;
    this.#losses = heads.map(() => []);
    this.#pending = this.#nothing();
  }

  /** A history that goes on from curves; a new one where they are those of other heads. */
  static from(curves: Curves, heads: readonly string[]): LossHistory {
    const history = new LossHistory(heads);
    if (curves.heads.join() !== heads.join()) return history;
    history.stride = curves.stride;
    history.#steps = [...curves.steps];
    history.#losses = curves.losses.map((losses) => [...losses]);
    history.#norms = [...curves.norms];
    return history;
  }

  /** Its points so far; what has not become a point is left out. */
  get curves(): Curves {
    return { heads: this.heads, stride: this.stride, steps: this.#steps, losses: this.#losses, norms: this.#norms };
  }

  get length(): number {
    return this.#steps.length;
  }

  add({ step, losses, gradientNorm }: StepNews): void {
    const pending = this.#pending;
    pending.count++;
    pending.norm += gradientNorm;
    losses.forEach((loss, head) => (pending.losses[head] += loss));
    if (pending.count < this.stride) return;
    this.#steps.push(step);
    this.#norms.push(pending.norm / pending.count);
    pending.losses.forEach((sum, head) => this.#losses[head].push(sum / pending.count));
    this.#pending = this.#nothing();
    if (this.#steps.length >= MOST_POINTS) this.#halve();
  }

  /** The losses of each head over the steps. */
  get losses(): ChartData {
    return { x: this.#steps, lines: this.#losses };
  }

  /** The gradient's norms over the steps. */
  get norms(): ChartData {
    return { x: this.#steps, lines: [this.#norms] };
  }

  #halve(): void {
    this.stride *= 2;
    this.#steps = this.#steps.filter((_, index) => index % 2 === 1);
    this.#norms = meansOfPairs(this.#norms);
    this.#losses = this.#losses.map(meansOfPairs);
  }

  #nothing(): { count: number; losses: number[]; norm: number } {
    return { count: 0, losses: this.heads.map(() => 0), norm: 0 };
  }
}

function meansOfPairs(values: readonly number[]): number[] {
  return Array.from({ length: values.length >> 1 }, (_, k) => (values[2 * k] + values[2 * k + 1]) / 2);
}

/** The pace of the last second or so. */
export class Pace {
  #milliseconds: number[] = [];

  add(milliseconds: number): void {
    this.#milliseconds.push(milliseconds);
    if (this.#milliseconds.length > 100) this.#milliseconds.shift();
  }

  /** The median time of a step in milliseconds; NaN before the first. */
  get median(): number {
    const sorted = [...this.#milliseconds].sort((a, b) => a - b);
    return sorted.length === 0 ? NaN : sorted[sorted.length >> 1];
  }
}
