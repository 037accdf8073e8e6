import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { EtudeError, messageOf } from '../../errors.ts';
import type { BlobStore } from './blobs.ts';
import type { RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';
import { readJobMessage, readProgressMessage, type JobMessage, type ProgressMessage, type ResultMessage, type TravellingFile } from './messages.ts'; // prettier-ignore
import type { MusicStore } from './music-store.ts';
import { stopKey } from './names.ts';
import { checkRunFiles, fetchRunFiles, readRunFiles, sendRunFiles, writeRunFiles } from './run-files.ts';
import type { Standing, TrainHere, WorkerEvent } from './train-here.ts';

/** What a job at work needs. */
interface Surroundings {
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
  result?: ResultMessage;
  message?: string;
}

/** Between two looks whether there is something to send. */
const LOOK_MS = 500;
/** Sending takes at most a tenth of the time. */
const SENDING_SHARE = 10;
/** Between two attempts to send a result that Redis has no room for. */
const AGAIN_MS = 2000;
/** How long giving a job back may take; then its lock runs out, and another takes it all the same. */
const GIVING_BACK_MS = 5000;

/** One job of the queue while this machine trains it. */
export class JobAtWork {
  /** Why the training is to end early. */
  #why?: 'given back' | 'stopped' | 'lost';
  how?: JobEnd['how'];
  readonly #job: Job;
  readonly #token: string;
  readonly #around: Surroundings;
  readonly #stop = new AbortController();
  /** Whether it trains at the moment: then it saves before it ends. */
  isTraining = false;
  #message?: JobMessage;
  #standing: Standing = { step: 0, history: [], saved: 0 };
  #sent: TravellingFile[] = [];
  #sentMark = '';
  /** When the next checkpoint is to be sent, and whether the training has been asked for it. */
  #dueAt = Infinity;
  #isAsked = false;

  constructor(job: Job, token: string, around: Surroundings) {
    this.#job = job;
    this.#token = token;
    this.#around = around;
  }

  get id(): string {
    return this.#job.id ?? '';
  }

  get run(): string | undefined {
    return this.#message?.run;
  }

  /** Ends the training soon, and leaves the job to another machine, from where it then is. */
  giveBack(): void {
    this.#endEarly('given back');
  }

  /** Another machine has taken the job, because nothing was heard of this one. */
  lose(): void {
    this.#endEarly('lost');
  }

  /** Does the job. Never throws. */
  async work(trainHere: TrainHere): Promise<JobEnd> {
    const end = await this.#attempt(trainHere).catch((thrown: unknown) => this.#failure(thrown));
    this.how = end.how;
    const { run = 'unknown' } = this;
    const { step } = this.#standing;
    const { onEvent } = this.#around;
    if (end.how === 'done') onEvent({ event: 'done', run, step, ended: end.result!.ended });
    else if (end.how === 'failed' || end.how === 'hopeless') onEvent({ event: 'failed', run, message: end.message! });
    else onEvent({ event: end.how, run, step });
    return end;
  }

  async #attempt(trainHere: TrainHere): Promise<JobEnd> {
    const { folder, music, onEvent, checkpointSeconds } = this.#around;
    const message = readJobMessage(this.#job.data);
    this.#message = message;
    if (await this.#isStopped()) return { how: 'stopped' };
    await this.#begin(message);
    const { corpus, from } = await music.get(message.music, message.settings);
    const { run, preset, until } = message;
    onEvent({ event: 'job', run, preset, from: this.#standing.step, until, music: from });
    this.#dueAt = performance.now() + 1000 * checkpointSeconds;
    const sender = new AbortController();
    const sending = this.#keepSending(sender.signal);
    let ended: Awaited<ReturnType<TrainHere>>;
    this.isTraining = true;
    try {
      const task = { job: message, corpus, folder, wantsCheckpoint: () => this.#wantsCheckpoint() };
      ended = await trainHere(task, (standing) => (this.#standing = standing), this.#stop.signal);
    } finally {
      this.isTraining = false;
      sender.abort();
    }
    this.#standing = ended;
    if (this.#why === 'lost') return { how: 'lost', message: 'another machine has taken the job' };
    if (this.#why === 'stopped') return { how: 'stopped' };
    if (ended.ended === 'interrupted') return this.#giveBackNow(sending);
    await sending;
    const files = await this.#sendResult();
    const { step, history } = ended;
    return { how: 'done', result: { machine: this.#around.machine, ended: ended.ended, step, history, files } };
  }

  /** Puts into the folder what the run goes on from: the newest that a machine before this one sent, or what it was given with. */
  async #begin(message: JobMessage): Promise<void> {
    const { folder, store, onWarning } = this.#around;
    const newest = this.#newest();
    for (const files of newest ? [newest.files, message.start] : [message.start]) {
      if (files.length === 0) continue;
      try {
        const fetched = await fetchRunFiles(store, files);
        const state = checkRunFiles(fetched, message);
        if (!state) continue;
        writeRunFiles(folder, fetched);
        this.#standing = { step: state.step, history: state.history, saved: state.step };
        this.#sent = [...files];
        this.#sentMark = this.#mark();
        return;
      } catch (thrown) {
        // An older state gives the same bytes, later.
        if (files === message.start || !(thrown instanceof DistributedError) || thrown.code !== 'damaged') throw thrown;
        onWarning(`${thrown.message} The run goes on from where it was given.`);
      }
    }
  }

  #newest(): ProgressMessage | undefined {
    const { progress } = this.#job;
    try {
      return typeof progress === 'object' ? readProgressMessage(progress) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Sends checkpoints as they are written, and looks whether the job is still ours. */
  async #keepSending(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await sleep(LOOK_MS, undefined, { signal: until }).catch(() => undefined);
      if (until.aborted) return;
      try {
        if (await this.#isStopped()) this.#endEarly('stopped');
        else await this.#sendNews();
      } catch (thrown) {
        const explained = this.#around.link.explain(thrown);
        this.#around.onWarning(`${explained.message} The training goes on.`);
      }
    }
  }

  async #sendNews(): Promise<void> {
    const { checkpointSeconds, onEvent } = this.#around;
    const mark = this.#mark();
    const began = performance.now();
    if (mark === this.#sentMark || began < this.#dueAt) return;
    this.#askAgainIn(checkpointSeconds);
    const standing = this.#standing;
    const before = this.#sent;
    await this.#record(await this.#sendFiles(), standing);
    this.#sentMark = mark;
    await this.#letGo(before);
    const took = (performance.now() - began) / 1000;
    this.#askAgainIn(Math.max(checkpointSeconds, SENDING_SHARE * took));
    onEvent({ event: 'saved', run: this.#message!.run, step: standing.saved });
  }

  /** Once for each checkpoint that is due. */
  #wantsCheckpoint(): boolean {
    if (this.#isAsked || performance.now() < this.#dueAt) return false;
    this.#isAsked = true;
    return true;
  }

  #askAgainIn(seconds: number): void {
    this.#dueAt = performance.now() + 1000 * seconds;
    this.#isAsked = false;
  }

  /** The newest files of the folder. */
  #sendFiles(): Promise<TravellingFile[]> {
    return sendRunFiles(this.#around.store, readRunFiles(this.#around.folder));
  }

  /** Notes with the job where it stands, if it is still ours. */
  async #record(files: TravellingFile[], { step, history }: Standing): Promise<void> {
    if (!(await this.#isOurs())) {
      this.lose();
      return;
    }
    const progress: ProgressMessage = { machine: this.#around.machine, step, history, files };
    await this.#job.updateProgress(progress);
    this.#sent = files;
  }

  async #letGo(before: readonly TravellingFile[]): Promise<void> {
    const kept = new Set(this.#sent.map(({ digest }) => digest));
    await this.#around.store.letGo(before.map(({ digest }) => digest).filter((digest) => !kept.has(digest)));
  }

  /** A result waits until there is room for it: nothing that was computed is thrown away. */
  async #sendResult(): Promise<TravellingFile[]> {
    for (;;) {
      try {
        const before = this.#sent;
        this.#sent = await this.#sendFiles();
        await this.#letGo(before);
        return this.#sent;
      } catch (thrown) {
        if (this.#stop.signal.aborted) throw thrown;
        this.#around.onWarning(`${this.#around.link.explain(thrown).message} The result waits for room.`);
        await sleep(AGAIN_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #giveBackNow(sending: Promise<void>): Promise<JobEnd> {
    const giving = (async () => {
      await sending;
      if (this.#mark() !== this.#sentMark) await this.#record(await this.#sendFiles(), this.#standing);
      await this.#job.moveToWait(this.#token);
    })();
    const late = sleep(GIVING_BACK_MS).then(() => 'late');
    await Promise.race([giving, late]).catch((thrown: unknown) => {
      this.#around.onWarning(this.#around.link.explain(thrown).message);
    });
    return { how: 'given back' };
  }

  async #isStopped(): Promise<boolean> {
    const { link, prefix } = this.#around;
    return (await link.client.exists(stopKey(prefix, this.id))) === 1;
  }

  async #isOurs(): Promise<boolean> {
    try {
      return (await this.#job.extendLock(this.#token, this.#around.lockMs)) === 1;
    } catch (thrown) {
      if (/lock/i.test(messageOf(thrown))) return false;
      throw thrown;
    }
  }

  #endEarly(why: 'given back' | 'stopped' | 'lost'): void {
    this.#why ??= why;
    this.#stop.abort();
  }

  /** Says which checkpoint the folder holds. */
  #mark(): string {
    const there = statSync(join(this.#around.folder, 'last.safetensors'), { throwIfNoEntry: false });
    return there ? `${there.ino} ${there.mtimeMs} ${there.size}` : '';
  }

  #failure(thrown: unknown): JobEnd {
    if (this.#why) return { how: this.#why, message: messageOf(thrown) };
    const message = thrown instanceof EtudeError ? thrown.message : this.#around.link.explain(thrown).message;
    // A disk that is full here, or a Redis that is, need not be so for the next.
    const here = !(thrown instanceof EtudeError) || thrown.name === 'FileError' || (thrown instanceof DistributedError && thrown.code === 'redis'); // prettier-ignore
    return { how: here ? 'failed' : 'hopeless', message };
  }
}
