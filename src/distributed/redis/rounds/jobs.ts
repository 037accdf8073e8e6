import type { Job } from 'bullmq';
import { printable } from '../../../text/table.ts';
import { ATTEMPTS, REMEMBERED_SECONDS, type Asker } from '../asker.ts';
import { DistributedError } from '../errors.ts';
import { JOB_NAMES, machineJobId } from '../names.ts';
import type { RedisMachinesOptions } from './options.ts';
import type { MachineMessage } from './messages.ts';

type RunOptions = Pick<RedisMachinesOptions, 'run' | 'preset' | 'settings' | 'music' | 'rounds'>;

/** The jobs that make workers the machines of a run, one for each number. Who takes over a job whose worker is lost is BullMQ's to say. */
export class MachineJobs {
  readonly #asker: Asker;
  readonly #options: RunOptions;
  readonly #onWarning: (sentence: string) => void;
  /** Machines that were heard of since their job was given. */
  readonly #heard = new Set<number>();

  constructor(asker: Asker, options: RunOptions, onWarning: (sentence: string) => void) {
    this.#asker = asker;
    this.#options = options;
    this.#onWarning = onWarning;
  }

  /** Puts into the queue those that are not there, and the music beside them. */
  async give(): Promise<void> {
    await this.#asker.giveMusic(this.#options.music);
    await Promise.all(this.#numbers.map((machine) => this.#give(machine)));
  }

  /** That a machine has found something: its job can be done. */
  hear(machine: number): void {
    this.#heard.add(machine);
  }

  /**
   * Looks after the jobs, and gives again what Redis has lost.
   * @returns whether all of them are at work
   * @throws DistributedError `failed` where one cannot be done, with the reason
   */
  async look(): Promise<boolean> {
    const { queue } = this.#asker;
    const states = await Promise.all(this.#numbers.map((machine) => queue.getJobState(this.#id(machine))));
    for (const machine of this.#numbers) if (states[machine] === 'failed') await this.#clear(machine);
    if (states.some((state) => state === 'unknown' || state === 'failed')) await this.give();
    return states.every((state) => state === 'active');
  }

  /** Takes those back that nobody has begun. The others end when they hear that the run has. */
  async withdraw(): Promise<void> {
    await Promise.all(this.#numbers.map((machine) => this.#asker.queue.remove(this.#id(machine))));
  }

  get #numbers(): number[] {
    return Array.from({ length: this.#options.rounds.machines }, (_, machine) => machine);
  }

  #id(machine: number): string {
    return machineJobId(this.#options.run, machine);
  }

  async #give(machine: number): Promise<void> {
    const { run, preset, settings, music, rounds } = this.#options;
    const { build, queue } = this.#asker;
    const { machines, innerSteps, differences } = rounds;
    const part = { machine, machines, innerSteps, differences };
    const message: MachineMessage = { run, preset, settings, music: music.digest, ...part, build };
    await queue.add(JOB_NAMES.rounds, message, {
      jobId: this.#id(machine),
      ...ATTEMPTS,
      removeOnComplete: true,
      removeOnFail: { age: REMEMBERED_SECONDS },
    });
  }

  /** Clears a job that failed away: one that worked before was unlucky with its workers, and goes to the next. */
  async #clear(machine: number): Promise<void> {
    const found = (await this.#asker.queue.getJob(this.#id(machine))) as Job | undefined;
    if (!found) return;
    const why = printable(String(found.failedReason).slice(0, 1000));
    await found.remove();
    if (!this.#heard.delete(machine)) {
      throw new DistributedError('failed', `Run ${this.#options.run} could not be trained by machine ${machine + 1}: ${why}`); // prettier-ignore
    }
    this.#onWarning(`Machine ${machine + 1}: ${why} Another worker can take its place.`);
  }
}
