import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import { DistributedError } from './errors.ts';
import { readJobMessage, readProgressMessage, type JobMessage, type ProgressMessage, type ResultMessage, type TravellingFile } from './messages.ts'; // prettier-ignore
import { stopKey } from './names.ts';
import { QueuedWork, type JobEnd, type Surroundings } from './queued-work.ts';
import { checkRunFiles, fetchRunFiles, readRunFiles, sendRunFiles, writeRunFiles } from './run-files.ts';
import type { Standing, TrainHere } from './train-here.ts';

/** Between two looks whether there is something to send. */
const LOOK_MS = 500;
/** Sending takes at most a tenth of the time. */
const SENDING_SHARE = 10;

/** One job of the queue while this machine trains it. */
export class JobAtWork extends QueuedWork {
  readonly #trainHere: TrainHere;
  #message?: JobMessage;
  #standing: Standing = { step: 0, history: [], saved: 0 };
  #sent: TravellingFile[] = [];
  #sentMark = '';
  /** When the next checkpoint is to be sent, and whether the training has been asked for it. */
  #dueAt = Infinity;
  #isAsked = false;

  constructor(job: Job, token: string, around: Surroundings, trainHere: TrainHere) {
    super(job, token, around);
    this.#trainHere = trainHere;
  }

  get run(): string | undefined {
    return this.#message?.run;
  }

  protected tell({ how, result, message }: JobEnd): void {
    const { run = 'unknown' } = this;
    const { step } = this.#standing;
    const { onEvent } = this.around;
    if (how === 'done') onEvent({ event: 'done', run, step, ended: (result as ResultMessage).ended });
    else if (how === 'failed' || how === 'hopeless') onEvent({ event: 'failed', run, message: message! });
    else onEvent({ event: how, run, step });
  }

  protected async attempt(): Promise<JobEnd> {
    const { folder, music, onEvent, checkpointSeconds } = this.around;
    const message = readJobMessage(this.job.data);
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
      ended = await this.#trainHere(task, (standing) => (this.#standing = standing), this.signal);
    } finally {
      this.isTraining = false;
      sender.abort();
    }
    this.#standing = ended;
    if (this.why === 'lost') return { how: 'lost', message: 'another machine has taken the job' };
    if (this.why === 'stopped') return { how: 'stopped' };
    if (ended.ended === 'interrupted') return this.handBack(() => this.#sendLast(sending));
    await sending;
    const files = await this.patiently(() => this.#sendResult());
    const { step, history } = ended;
    const result: ResultMessage = { machine: this.around.machine, ended: ended.ended, step, history, files };
    return { how: 'done', result };
  }

  /** Puts into the folder what the run goes on from: the newest that a machine before this one sent, or what it was given with. */
  async #begin(message: JobMessage): Promise<void> {
    const { folder, store, onWarning } = this.around;
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
    const { progress } = this.job;
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
        if (await this.#isStopped()) this.endEarly('stopped');
        else await this.#sendNews();
      } catch (thrown) {
        const explained = this.around.link.explain(thrown);
        this.around.onWarning(`${explained.message} The training goes on.`);
      }
    }
  }

  async #sendNews(): Promise<void> {
    const { checkpointSeconds, onEvent } = this.around;
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
    return sendRunFiles(this.around.store, readRunFiles(this.around.folder));
  }

  /** Notes with the job where it stands, if it is still ours. */
  async #record(files: TravellingFile[], { step, history }: Standing): Promise<void> {
    if (!(await this.isOurs())) {
      this.lose();
      return;
    }
    const progress: ProgressMessage = { machine: this.around.machine, step, history, files };
    await this.job.updateProgress(progress);
    this.#sent = files;
  }

  async #letGo(before: readonly TravellingFile[]): Promise<void> {
    const kept = new Set(this.#sent.map(({ digest }) => digest));
    await this.around.store.letGo(before.map(({ digest }) => digest).filter((digest) => !kept.has(digest)));
  }

  async #sendResult(): Promise<TravellingFile[]> {
    const before = this.#sent;
    this.#sent = await this.#sendFiles();
    await this.#letGo(before);
    return this.#sent;
  }

  async #sendLast(sending: Promise<void>): Promise<void> {
    await sending;
    if (this.#mark() !== this.#sentMark) await this.#record(await this.#sendFiles(), this.#standing);
  }

  async #isStopped(): Promise<boolean> {
    const { link, prefix } = this.around;
    return (await link.client.exists(stopKey(prefix, this.id))) === 1;
  }

  /** Says which checkpoint the folder holds. */
  #mark(): string {
    const there = statSync(join(this.around.folder, 'last.safetensors'), { throwIfNoEntry: false });
    return there ? `${there.ino} ${there.mtimeMs} ${there.size}` : '';
  }
}
