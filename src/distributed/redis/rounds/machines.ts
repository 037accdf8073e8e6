import { DataError } from '../../../errors.ts';
import type { StepResult } from '../../../nn/index.ts';
import { sha256 } from '../../../sha256.ts';
import { decodeDifference, differenceBytes, encodeDifference } from '../../rounds/difference.ts';
import { stepsOf, type Machines, type RoundOutcome, type RoundTask } from '../../rounds/machines.ts';
import { Asker } from '../asker.ts';
import { isDamaged } from '../errors.ts';
import { patiently } from '../patiently.ts';
import { MachineJobs } from './jobs.ts';
import { readAnswer, type Announcement, type Answer, type RoundMessage } from './messages.ts';
import type { RedisMachinesOptions } from './options.ts';
import { OpenRound } from './round.ts';
import { ROUND_SECONDS, roundStreams, type Stream, type StreamReader } from './stream.ts';
import { Waiting } from './waiting.ts';

/** Looked at so often whether what was asked is still there, and whether there are machines. */
const LOOK_MS = 3000;
/**
 * Asks the workers that wait at a Redis to train one model together; see `runRedisWorker`.
 * @throws DistributedError where the packages are missing, or Redis cannot be reached; UsageError for a wrong prefix
 */
export async function openRedisMachines(options: RedisMachinesOptions): Promise<Machines> {
  const asker = await Asker.open(options, options.run);
  try {
    const machines = new RedisMachines(options, asker);
    await machines.begin();
    return machines;
  } catch (thrown) {
    await asker.close();
    throw asker.link.explain(thrown);
  }
}

class RedisMachines implements Machines {
  readonly count: number;
  readonly #options: RedisMachinesOptions;
  readonly #asker: Asker;
  readonly #jobs: MachineJobs;
  readonly #tasks: Stream;
  readonly #answers: Stream;
  #reader!: StreamReader;
  readonly #waiting: Waiting;
  /** Machines that the next round waits for: all at first, then those that were heard of since they missed a round. */
  readonly #expected: Set<number>;
  /** The id of the newest announcement, and the weights that it named. */
  #announced = '';
  #weights?: string;
  /** Whether the connection was lost since the newest announcement: nobody knows what of it has arrived. */
  #again = false;
  #late = 0;
  #warned = '';

  constructor(options: RedisMachinesOptions, asker: Asker) {
    const { run, rounds } = options;
    this.count = rounds.machines;
    this.#options = options;
    this.#asker = asker;
    this.#jobs = new MachineJobs(asker, options, (sentence) => { this.#warn(sentence); }); // prettier-ignore
    ({ tasks: this.#tasks, answers: this.#answers } = roundStreams(asker.link, asker.prefix, run, this.count));
    this.#waiting = new Waiting(asker, options);
    this.#expected = new Set(Array.from({ length: this.count }, (_, machine) => machine));
    asker.onBack = () => { this.#again = true; }; // prettier-ignore
  }

  async begin(): Promise<void> {
    this.#reader = await this.#answers.reader();
    await this.#announce({ kind: 'wait' });
    await this.#jobs.give();
  }

  /** The bytes are those that cross the wire here, deflated where that pays: weights go to Redis once, for all machines. */
  async compute(task: RoundTask, signal?: AbortSignal): Promise<RoundOutcome> {
    signal?.throwIfAborted();
    const { store } = this.#asker;
    const before = { sent: store.sent, received: store.received };
    const { weights: numbers, ...place } = task;
    const bytes = encodeDifference(numbers, 'float32');
    const message = { ...place, weights: sha256(bytes), parameters: numbers.length, expected: [...this.#expected] };
    const round = new OpenRound(message, {
      ...{ count: this.count, expected: this.#expected, patience: 1000 * this.#options.patienceSeconds },
    });
    await this.#patiently(() => this.#ask(message, bytes), signal);
    round.begin(performance.now());
    const blobs = await this.#collect(round, { task, message, bytes }, signal);
    const ended = round.end(performance.now());
    await this.#patiently(() => store.remove(blobs), signal);
    for (const machine of round.missing) this.#expected.delete(machine);
    const late = this.#late;
    this.#late = 0;
    return { ...ended, late, sentBytes: store.sent - before.sent, receivedBytes: store.received - before.received };
  }

  async close(): Promise<void> {
    await this.#asker.close(async () => {
      await this.#announce({ kind: 'end' });
      await this.#jobs.withdraw();
      await this.#answers.remove();
      if (this.#weights !== undefined) await this.#asker.store.remove([this.#weights]);
    });
  }

  /** Puts the weights of a round there and announces it; then those of the round before can go. */
  async #ask(message: RoundMessage, bytes: Uint8Array): Promise<void> {
    const { store } = this.#asker;
    await store.put(bytes, message.weights, ROUND_SECONDS);
    this.#again = false;
    await this.#announce({ kind: 'round', ...message });
    if (this.#weights !== undefined && this.#weights !== message.weights) await store.remove([this.#weights]);
    this.#weights = message.weights;
  }

  async #announce(announcement: Announcement): Promise<void> {
    this.#announced = await this.#tasks.add(JSON.stringify(announcement));
  }

  /** Waits for answers until the round is over. @returns the blobs that they are in */
  async #collect(
    round: OpenRound,
    asked: { task: RoundTask; message: RoundMessage; bytes: Uint8Array },
    signal: AbortSignal | undefined,
  ): Promise<Set<string>> {
    const blobs = new Set<string>();
    let lookAt = performance.now() + LOOK_MS;
    while (!round.isOver(performance.now())) {
      const now = performance.now();
      // With too few answers the end of the patience ends nothing.
      const wait = Math.min(lookAt - now, round.patienceLeft(now) || Infinity);
      for (const { text } of await this.#patiently(() => this.#reader.next(signal, wait), signal)) {
        await this.#take(text, round, { ...asked, blobs, signal });
      }
      signal?.throwIfAborted();
      if (performance.now() < lookAt) continue;
      await this.#patiently(() => this.#look(round, asked), signal);
      lookAt = performance.now() + LOOK_MS;
    }
    return blobs;
  }

  /** Looks whether what was asked is still there, and whether somebody is. */
  async #look(round: OpenRound, { message, bytes }: { message: RoundMessage; bytes: Uint8Array }): Promise<void> {
    const newest = await this.#tasks.newest();
    const isThere = newest?.id === this.#announced && (await this.#asker.store.has(message.weights, ROUND_SECONDS));
    if (this.#again || !isThere) {
      await this.#ask(message, bytes);
      round.begin(performance.now());
    }
    await Promise.all([this.#tasks.keep(), this.#answers.keep()]);
    const allAtWork = await this.#jobs.look();
    if (!allAtWork) await this.#asker.refuseOthers();
    const sentence = await this.#waiting.look(round, performance.now());
    if (sentence !== undefined) this.#warn(sentence);
  }

  /** Takes an answer that is one to this round, and says why where it is none that can be used. */
  async #take(
    text: string,
    round: OpenRound,
    { task, blobs, signal }: { task: RoundTask; blobs: Set<string>; signal?: AbortSignal },
  ): Promise<void> {
    let answer: Answer;
    try {
      answer = readAnswer(text, this.count);
    } catch (thrown) {
      this.#refuse(thrown);
      return;
    }
    if (answer.kind === 'here' || answer.round <= round.round) this.#expected.add(answer.machine);
    if (answer.kind === 'here') return;
    if (answer.round < round.round) {
      this.#late++;
      if (answer.kind === 'found' && !blobs.has(answer.difference)) {
        await this.#patiently(() => this.#asker.store.remove([answer.difference]), signal);
      }
    } else if (answer.round > round.round || answer.weights !== round.weights) {
      this.#warn(`${who(answer)}: its answer is to ${answer.round > round.round ? `round ${answer.round}, which has not begun` : 'other weights'}: it is not used.`); // prettier-ignore
    } else if (answer.kind === 'not finite') throw answer.error;
    else if (!round.has(answer.machine)) await this.#fetch(answer, round, { task, blobs, signal });
  }

  async #fetch(
    answer: Extract<Answer, { kind: 'found' }>,
    round: OpenRound,
    { task, blobs, signal }: { task: RoundTask; blobs: Set<string>; signal?: AbortSignal },
  ): Promise<void> {
    const { machine, name, difference: digest, steps, beganAnew } = answer;
    const { length } = task.weights;
    try {
      this.#checkSteps(steps, stepsOf(machine, this.count, task.learningRates.length));
      const bytes = await this.#patiently(
        () => this.#asker.store.get(digest, differenceBytes(length, 'float32')),
        signal,
      );
      blobs.add(digest);
      const found = { machine, difference: decodeDifference(bytes, length), steps, beganAnew };
      round.take(name, found, performance.now());
      this.#jobs.hear(machine);
    } catch (thrown) {
      this.#refuse(thrown, answer);
    }
  }

  #checkSteps(steps: readonly StepResult[], expected: number): void {
    const { heads } = this.#options;
    if (steps.length !== expected) throw new DataError(`Expected the results of ${expected} training steps, got ${steps.length}.`); // prettier-ignore
    const other = steps.find(({ losses }) => losses.length !== heads);
    if (other) throw new DataError(`Expected the losses of ${heads} heads, got ${other.losses.length}.`);
  }

  /** Says why an answer is not used, where it is the answer's fault. */
  #refuse(thrown: unknown, answer?: Answer): void {
    if (!isDamaged(thrown)) throw thrown;
    this.#warn(`${answer ? who(answer) : 'An answer'}: it is not used. ${thrown.message}`);
  }

  #patiently<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const onTrouble = (sentence: string): void => { this.#warn(`${sentence} The round waits.`); }; // prettier-ignore
    return patiently(this.#asker.link, ask, { signal, onTrouble });
  }

  /** Says something once, until something else is to be said. */
  #warn(sentence: string): void {
    if (sentence === this.#warned) return;
    this.#warned = sentence;
    this.#options.onWarning?.(sentence);
  }
}

function who({ machine, name }: Answer): string {
  return `Machine ${machine + 1} (${name})`;
}
