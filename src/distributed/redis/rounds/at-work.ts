import type { Job } from 'bullmq';
import { DataError } from '../../../errors.ts';
import { NonFiniteError } from '../../../nn/index.ts';
import { sha256 } from '../../../sha256.ts';
import { decodeDifference, differenceBytes, encodeDifference } from '../../rounds/difference.ts';
import type { Contribution, RoundTask } from '../../rounds/machines.ts';
import { isDamaged } from '../errors.ts';
import { Presences } from '../presence.ts';
import { QueuedWork, type JobEnd, type Surroundings } from '../queued-work.ts';
import type { MachineHere, OpenMachineHere } from './machine-here.ts';
import { readAnnouncement, readMachineMessage, writeAnswer, type Announcement, type Answer, type MachineMessage, type RoundMessage } from './messages.ts'; // prettier-ignore
import { ROUND_SECONDS, roundStreams, WAIT_MS, type Entry, type Stream, type StreamReader } from './stream.ts';

/**
 * How long a machine waits for a run that nobody asks for any more: long enough to start a process again that was killed, with all its
 * music; short enough that the worker is not lost for others.
 */
export const SILENT_SECONDS = 600;

/** A job that makes this worker a machine of a run: it computes its part of each round until the run ends. */
export class MachineAtWork extends QueuedWork {
  readonly #open: OpenMachineHere;
  readonly #silentSeconds: number;
  #message?: MachineMessage;
  #round = 0;
  /** The two streams of the run. */
  #tasks!: Stream;
  #answers!: Stream;

  constructor(job: Job, token: string, around: Surroundings, open: OpenMachineHere, silentSeconds = SILENT_SECONDS) {
    super(job, token, around);
    this.#open = open;
    this.#silentSeconds = silentSeconds;
  }

  get run(): string | undefined {
    return this.#message?.run;
  }

  protected tell({ how, message }: JobEnd): void {
    const { onEvent } = this.around;
    if (how === 'failed' || how === 'hopeless') onEvent({ event: 'failed', ...this.#place, message: message! });
    else if (how === 'done') onEvent({ event: 'done', ...this.#place, ended: message! });
    else onEvent({ event: how, ...this.#place });
  }

  protected async attempt(): Promise<JobEnd> {
    try {
      const ended = await this.#takePart();
      if (ended) return ended;
    } catch (thrown) {
      if (this.why !== 'given back') throw thrown;
    }
    if (this.why === 'given back') return this.handBack(() => Promise.resolve());
    return { how: this.why ?? 'lost' };
  }

  get #place(): { run: string; number: number; of: number; round: number } {
    const { run = 'unknown', machine = 0, machines = 0 } = this.#message ?? {};
    return { run, number: machine + 1, of: machines, round: this.#round };
  }

  /** Undefined where it is to end early. */
  async #takePart(): Promise<JobEnd | undefined> {
    const { link, prefix, music, onEvent } = this.around;
    const message = readMachineMessage(this.job.data);
    this.#message = message;
    ({ tasks: this.#tasks, answers: this.#answers } = roundStreams(link, prefix, message.run, message.machines));
    if (!(await this.#tasks.newest()) && !(await this.#isAsked())) return OVER;
    const { corpus, from } = await music.get(message.music, message.settings);
    const machine = await this.#open({ ...message, corpus });
    const reader = await this.#tasks.reader(true);
    try {
      onEvent({ event: 'joined', ...this.#place, preset: message.preset, music: from });
      await this.patiently(() => this.#say({ kind: 'here', ...this.#from }));
      return await this.#computeRounds(machine, reader);
    } finally {
      reader.close();
      await machine.close();
    }
  }

  async #computeRounds(machine: MachineHere, reader: StreamReader): Promise<JobEnd | undefined> {
    let silent = 0;
    while (!this.signal.aborted) {
      const entry = (await this.patiently(() => reader.next(this.signal))).at(-1);
      if (this.signal.aborted) break;
      if (!entry) {
        silent = (await this.patiently(() => this.#isAsked())) ? 0 : silent + WAIT_MS / 1000;
        if (silent >= this.#silentSeconds) return GIVEN_UP;
        continue;
      }
      silent = 0;
      const asked = this.#read(entry);
      if (asked?.kind === 'end') return OVER;
      if (asked?.kind === 'round') await this.#computeRound(machine, asked, entry);
    }
    return undefined;
  }

  async #computeRound(machine: MachineHere, asked: RoundMessage, entry: Entry): Promise<void> {
    const task = await this.#fetch(machine, asked, entry);
    if (!task) return;
    const of = { ...this.#from, round: task.round, weights: asked.weights };
    let found: Contribution;
    try {
      found = await machine.compute(task, this.signal);
    } catch (thrown) {
      if (!(thrown instanceof NonFiniteError)) throw thrown;
      await this.#send(() => this.#say({ kind: 'not finite', ...of, error: thrown }));
      return;
    }
    const { steps, difference: numbers, beganAnew } = found;
    const bytes = encodeDifference(numbers, this.#message!.differences);
    const difference = sha256(bytes);
    await this.#send(async () => {
      await this.around.store.put(bytes, difference, ROUND_SECONDS);
      await this.#say({ kind: 'found', ...of, difference, steps, beganAnew });
    });
    this.#round = task.round;
    if (!this.signal.aborted) this.around.onEvent({ event: 'round', ...this.#place });
  }

  /** The task with its weights; undefined where they are not there, or not for this model: then a better announcement follows. */
  async #fetch(machine: MachineHere, asked: RoundMessage, { id }: Entry): Promise<RoundTask | undefined> {
    const { round, step, epoch, shuffle, batch, learningRates, weights, parameters } = asked;
    try {
      if (parameters !== machine.parameters) {
        throw new DataError(`The model has ${machine.parameters} parameters here; weights of ${parameters} are asked for.`); // prettier-ignore
      }
      const size = differenceBytes(parameters, 'float32');
      const bytes = await this.patiently(() => this.around.store.get(weights, size));
      const place = { round, step, epoch, shuffle, batch, learningRates };
      return { ...place, weights: decodeDifference(bytes, parameters) };
    } catch (thrown) {
      if (!isDamaged(thrown)) throw thrown;
      // The weights of a round that has been replaced are gone, and there is nothing to say about that.
      const isNewest = (await this.patiently(() => this.#tasks.newest()))?.id === id;
      if (isNewest) this.around.onWarning(thrown.message);
      return undefined;
    }
  }

  /** Sends an answer, if this machine is still the one that it was. */
  async #send(answer: () => Promise<void>): Promise<void> {
    await this.patiently(async () => {
      if (await this.isOurs()) await answer();
      else this.lose();
    });
  }

  async #say(answer: Answer): Promise<void> {
    await this.#answers.add(writeAnswer(answer));
  }

  get #from(): { machine: number; name: string } {
    return { machine: this.#message!.machine, name: this.around.machine };
  }

  #read({ text }: Entry): Announcement | undefined {
    try {
      return readAnnouncement(text);
    } catch (thrown) {
      if (!isDamaged(thrown)) throw thrown;
      this.around.onWarning(thrown.message);
      return undefined;
    }
  }

  /** Whether somebody asks for this run. */
  async #isAsked(): Promise<boolean> {
    const { link, prefix } = this.around;
    return (await new Presences(link, prefix).list('asker')).some(({ run }) => run === this.run);
  }
}

const OVER: JobEnd = { how: 'done', message: 'the run has ended' };
const GIVEN_UP: JobEnd = { how: 'done', message: 'nobody asks for the run any more' };
