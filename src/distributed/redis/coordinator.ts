import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, QueueEvents } from 'bullmq';
import { printable } from '../../text/table.ts';
import type { Coordinator, JobProgress, JobResult, Machine, TrainingJob } from '../coordinator.ts';
import type { MusicAtHand } from '../music-at-hand.ts';
import { Asker, ATTEMPTS, REMEMBERED_SECONDS, type AskerOptions } from './asker.ts';
import { DistributedError } from './errors.ts';
import { readProgressMessage, readResultMessage, type JobMessage, type ResultMessage, type TravellingFile } from './messages.ts'; // prettier-ignore
import { JOB_NAMES, jobId, queueName, STOPPED, stopKey } from './names.ts';
import { checkResult, checkRunFiles, configAtHome, fetchRunFiles, readRunFiles, sendRunFiles, writeRunFiles } from './run-files.ts'; // prettier-ignore

export interface RedisCoordinatorOptions extends AskerOptions {
  /** The music of a job, as its settings read it. What travels is named by the digest of its own bytes. */
  music: (job: TrainingJob) => MusicAtHand | Promise<MusicAtHand>;
}

/** Looked at so often where no event comes: after an outage, or where nobody takes the job. */
const LOOK_MS = 3000;

/** Hands training jobs to the workers that wait at a Redis; see `runRedisWorker`. */
export class RedisCoordinator implements Coordinator {
  readonly #music: RedisCoordinatorOptions['music'];
  readonly #asker: Asker;
  readonly #events: QueueEvents;
  /** Wakes who waits for news of a job. */
  readonly #waiting = new Map<string, Set<() => void>>();

  private constructor(asker: Asker, music: RedisCoordinatorOptions['music']) {
    this.#music = music;
    this.#asker = asker;
    const { link, build, prefix } = asker;
    this.#events = new link.packages.bullmq.QueueEvents(queueName(build), { connection: link.client, prefix });
    // What goes wrong on the way is said by the link, and by what is asked.
    this.#events.on('error', () => undefined);
    const wake = ({ jobId }: { jobId: string }): void => { this.#wake(jobId); }; // prettier-ignore
    this.#events.on('progress', wake).on('completed', wake).on('failed', wake);
  }

  /**
   * Connects.
   * @throws DistributedError where the packages are missing, or Redis cannot be reached; UsageError for a wrong prefix
   */
  static async open(options: RedisCoordinatorOptions): Promise<RedisCoordinator> {
    return new RedisCoordinator(await Asker.open(options), options.music);
  }

  async atOnce(): Promise<number> {
    return (await this.#asker.machines()).length;
  }

  async machines(): Promise<readonly Machine[]> {
    return (await this.#asker.machines()).map(({ name, run }) => ({ name, ...(run !== undefined && { run }) }));
  }

  async train(
    job: TrainingJob,
    folder: string,
    { onProgress, signal }: { onProgress?: (progress: JobProgress) => void; signal?: AbortSignal } = {},
  ): Promise<JobResult> {
    const id = jobId(job);
    signal?.throwIfAborted();
    try {
      await this.#give(id, job, folder);
      let told = '';
      for (;;) {
        // In this order: a job read before it ended has no result yet.
        const state = await this.#asker.queue.getJobState(id);
        const found = await this.#asker.queue.getJob(id);
        const ended = found && (await this.#ended(found, state, job, folder));
        if (ended) return ended;
        // Redis has lost it, or another stopped it: what it was given is all here.
        if (!found || state === 'failed' || state === 'completed') await this.#give(id, job, folder);
        if (found && state === 'active') told = tell(found, told, onProgress);
        if (state !== 'active') await this.#asker.refuseOthers();
        await this.#news(id, signal);
        if (signal?.aborted) break;
      }
    } catch (thrown) {
      if (!signal?.aborted) throw this.#asker.link.explain(thrown);
    }
    await this.#stop(id, job, folder).catch(() => undefined);
    throw signal!.reason;
  }

  async close(): Promise<void> {
    await this.#asker.close(() => this.#events.close());
    await Promise.race([this.#events.disconnect().catch(() => undefined), sleep(500)]);
  }

  /** Puts a job into the queue, and what it needs beside it, unless it is there. */
  async #give(id: string, job: TrainingJob, folder: string): Promise<void> {
    await this.#asker.link.client.del(stopKey(this.#asker.prefix, id));
    const before = await this.#asker.queue.getJob(id);
    const state = await before?.getState();
    if (state === 'failed') await before!.remove();
    else if (before && state !== 'unknown') return;
    const music = await this.#asker.giveMusic(await this.#music(job));
    const start = await sendRunFiles(this.#asker.store, startOf(folder));
    const message: JobMessage = { ...job, music, build: this.#asker.build, start };
    await this.#asker.queue.add(JOB_NAMES.train, message, {
      jobId: id,
      ...ATTEMPTS,
      removeOnComplete: { age: REMEMBERED_SECONDS },
      removeOnFail: { age: REMEMBERED_SECONDS },
    });
  }

  /** What a finished job came to, its files in the folder; undefined for one that goes on, or has to be given again. */
  async #ended(found: Job, state: string, job: TrainingJob, folder: string): Promise<JobResult | undefined> {
    if (state === 'failed') {
      if (found.failedReason === STOPPED) return undefined;
      throw new DistributedError('failed', `Run ${job.run} could not be trained: ${printable(String(found.failedReason).slice(0, 1000))}`); // prettier-ignore
    }
    if (state !== 'completed') return undefined;
    const result = readResultMessage(found.returnvalue);
    if (!(await this.#areThere(result.files))) {
      await found.remove();
      return undefined;
    }
    await this.#collect(result, job, folder).catch(async (thrown: unknown) => {
      // Another attempt begins anew.
      await found.remove();
      throw thrown;
    });
    const { machine, ended, step, history } = result;
    return { machine, ended, step, history };
  }

  async #areThere(files: readonly TravellingFile[]): Promise<boolean> {
    for (const { digest } of files) if (!(await this.#asker.store.has(digest))) return false;
    return true;
  }

  async #collect(result: ResultMessage, job: TrainingJob, folder: string): Promise<void> {
    const files = await fetchRunFiles(this.#asker.store, result.files);
    checkResult(files, result, job);
    files.set('config.json', configAtHome(files.get('config.json')!, job, await this.#music(job)));
    writeRunFiles(folder, files);
    await this.#asker.store.letGo(result.files.map(({ digest }) => digest));
  }

  /** Stops a job, and takes home what there is of it. */
  async #stop(id: string, job: TrainingJob, folder: string): Promise<void> {
    await this.#asker.link.client.set(stopKey(this.#asker.prefix, id), '1', 'EX', 3600);
    const found = await this.#asker.queue.getJob(id);
    if (!found) return;
    const { progress } = found;
    // One that is at work is locked; its machine sees that it is to stop.
    await found.remove().catch(() => undefined);
    if (typeof progress !== 'object') return;
    const files = await fetchRunFiles(this.#asker.store, readProgressMessage(progress).files);
    if (!checkRunFiles(files, job) || !files.has('config.json')) return;
    files.set('config.json', configAtHome(files.get('config.json')!, job, await this.#music(job)));
    writeRunFiles(folder, files);
  }

  /** Waits until something may have happened to a job. */
  #news(id: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(id) ?? new Set();
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(id);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, LOOK_MS);
      signal?.addEventListener('abort', done);
      this.#waiting.set(id, waiting.add(done));
      if (signal?.aborted) done();
    });
  }

  #wake(id: string): void {
    for (const done of this.#waiting.get(id) ?? []) done();
  }
}

/** A run folder that holds no checkpoint is one that begins: what else is in it stays. */
function startOf(folder: string): ReturnType<typeof readRunFiles> {
  const files = readRunFiles(folder);
  if (!files.has('last.safetensors')) files.clear();
  return files;
}

/** Tells progress that is new. @returns what was told */
function tell(found: Job, told: string, onProgress: ((progress: JobProgress) => void) | undefined): string {
  const { progress } = found;
  if (typeof progress !== 'object' || !onProgress) return told;
  const { machine, step, history } = readProgressMessage(progress);
  const text = `${machine} ${step} ${history.length}`;
  if (text !== told) onProgress({ machine, step, history });
  return text;
}
