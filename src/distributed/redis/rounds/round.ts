import type { Contribution, RoundOutcome } from '../../rounds/machines.ts';

/** How many of `count` machines are enough once the patience is over. */
export function leastOf(count: number): number {
  return Math.ceil(count / 2);
}

/** A round that is being computed: who is waited for, what has come, and whether that is enough. Times are in milliseconds. */
export class OpenRound {
  readonly round: number;
  /** The digest of its weights. */
  readonly weights: string;
  /** The machines that it waits for while there is patience. */
  readonly expected: ReadonlySet<number>;
  readonly #count: number;
  readonly #patience: number;
  readonly #taken = new Map<number, { name: string; contribution: Contribution }>();
  #since = 0;
  #readySince?: number;

  constructor(
    { round, weights }: { round: number; weights: string },
    { count, expected, patience }: { count: number; expected: Iterable<number>; patience: number },
  ) {
    this.round = round;
    this.weights = weights;
    this.expected = new Set(expected);
    this.#count = count;
    this.#patience = patience;
  }

  /** The patience begins: when it has been announced, and again where nobody could answer for a while. */
  begin(now: number): void {
    this.#since = now;
  }

  has(machine: number): boolean {
    return this.#taken.has(machine);
  }

  get machines(): number[] {
    return [...this.#taken.keys()].sort((a, b) => a - b);
  }

  /** Those that are waited for and have not answered, by number. */
  get missing(): number[] {
    return [...this.expected].filter((machine) => !this.has(machine)).sort((a, b) => a - b);
  }

  take(name: string, contribution: Contribution, now: number): void {
    this.#taken.set(contribution.machine, { name, contribution });
    this.#readySince ??= now;
  }

  /** How long it is until the patience is over; 0 where it is. */
  patienceLeft(now: number): number {
    return Math.max(0, this.#since + this.#patience - now);
  }

  isOver(now: number): boolean {
    const enough = this.#taken.size >= leastOf(this.#count);
    return enough && (this.missing.length === 0 || this.patienceLeft(now) === 0);
  }

  /** What came, by the number of the machine, and how long the first had to wait. */
  end(now: number): Pick<RoundOutcome, 'contributions' | 'names' | 'waitedSeconds'> {
    const taken = this.machines.map((machine) => this.#taken.get(machine)!);
    return {
      contributions: taken.map(({ contribution }) => contribution),
      names: taken.map(({ name }) => name),
      waitedSeconds: (now - (this.#readySince ?? now)) / 1000,
    };
  }
}
