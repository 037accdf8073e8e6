import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { EtudeError, messageOf } from '../../errors.ts';
import type { BlobStore } from './blobs.ts';
import type { RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';
import type { MusicStore } from './music-store.ts';
import { patiently } from './patiently.ts';
import type { WorkerEvent } from './train-here.ts';

/** What a job at work needs. */
export interface Surroundings {
  link: RedisLink;
  store: BlobStore;
  music: MusicStore;
  prefix: string;
  machine: string;
  folder: string;
  lockMs: number;
  checkpointSeconds: number;
  onEvent: (event: WorkerEvent) => void;
  onWarning: (message: string) => void;
}

/** How the work on a job ended here. `hopeless`: no other machine could do it either. */
export interface JobEnd {
  how: 'done' | 'given back' | 'stopped' | 'lost' | 'hopeless' | 'failed';
  /** What is left with the job in the queue. */
  result?: object;
  message?: string;
}

/** How long giving a job back may take; then its lock runs out, and another takes it all the same. */
const GIVING_BACK_MS = 5000;

/** A job of the queue while it is this machine's: whether it still is, and how it ends. What is done is said by those that extend it. */
export abstract class QueuedWork {
  how?: JobEnd['how'];
  /** Whether something here is still to be saved before the process may end. */
  isTraining = false;
  protected readonly job: Job;
  protected readonly around: Surroundings;
  readonly #token: string;
  readonly #stop = new AbortController();
  #why?: 'given back' | 'stopped' | 'lost';

  constructor(job: Job, token: string, around: Surroundings) {
    this.job = job;
    this.#token = token;
    this.around = around;
  }

  /** The run that the job belongs to, once that is known. */
  abstract get run(): string | undefined;
  protected abstract attempt(): Promise<JobEnd>;
  /** Says how it ended. */
  protected abstract tell(end: JobEnd): void;

  get id(): string {
    return this.job.id ?? '';
  }

  /** Ends the work soon, and leaves the job to another machine. */
  giveBack(): void {
    this.endEarly('given back');
  }

  /** Another machine has taken the job, because nothing was heard of this one. */
  lose(): void {
    this.endEarly('lost');
  }

  /** Does the job. Never throws. */
  async work(): Promise<JobEnd> {
    const end = await this.attempt().catch((thrown: unknown) => this.#failure(thrown));
    this.how = end.how;
    this.tell(end);
    return end;
  }

  /** Aborted when the work is to end early. */
  protected get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why it is to end early. */
  protected get why(): 'given back' | 'stopped' | 'lost' | undefined {
    return this.#why;
  }

  protected endEarly(why: 'given back' | 'stopped' | 'lost'): void {
    this.#why ??= why;
    this.#stop.abort();
  }

  /** Whether the job is still this machine's; then it is for another while. */
  protected async isOurs(): Promise<boolean> {
    try {
      return (await this.job.extendLock(this.#token, this.around.lockMs)) === 1;
    } catch (thrown) {
      if (/lock/i.test(messageOf(thrown))) return false;
      throw thrown;
    }
  }

  /** Does what is to be done before, and puts the job back into the queue, in a time that is bounded. */
  protected async handBack(before: () => Promise<void>): Promise<JobEnd> {
    const giving = (async () => {
      await before();
      await this.job.moveToWait(this.#token);
    })();
    await Promise.race([giving, sleep(GIVING_BACK_MS, undefined, { ref: false })]).catch((thrown: unknown) => {
      this.around.onWarning(this.around.link.explain(thrown).message);
    });
    return { how: 'given back' };
  }

  /** Asks something of Redis until it does it, or the work is to end: nothing that was computed is thrown away. */
  protected patiently<T>(ask: () => Promise<T>): Promise<T> {
    const onTrouble = (sentence: string): void => { this.around.onWarning(`${sentence} What was computed waits.`); }; // prettier-ignore
    return patiently(this.around.link, ask, { signal: this.signal, onTrouble });
  }

  #failure(thrown: unknown): JobEnd {
    if (this.#why) return { how: this.#why, message: messageOf(thrown) };
    const message = thrown instanceof EtudeError ? thrown.message : this.around.link.explain(thrown).message;
    // A disk that is full here, or a Redis that is, need not be so for the next.
    const here = !(thrown instanceof EtudeError) || thrown.name === 'FileError' || (thrown instanceof DistributedError && thrown.code === 'redis'); // prettier-ignore
    return { how: here ? 'failed' : 'hopeless', message };
  }
}
