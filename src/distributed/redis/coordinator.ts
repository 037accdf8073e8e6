import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue, QueueEvents } from 'bullmq';
import { printable } from '../../text/table.ts';
import { ownBuild, type Build } from '../build.ts';
import type { Coordinator, JobProgress, JobResult, Machine, TrainingJob } from '../coordinator.ts';
import type { MusicAtHand } from '../music-at-hand.ts';
import type { RedisAddress } from './address.ts';
import { BlobStore } from './blobs.ts';
import { connectRedis, type RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';
import { readProgressMessage, readResultMessage, type JobMessage, type ResultMessage, type TravellingFile } from './messages.ts'; // prettier-ignore
import { checkedPrefix, DEFAULT_PREFIX, jobId, queueName, STOPPED, stopKey } from './names.ts';
import { PRESENT_SECONDS, Presences } from './presence.ts';
import { checkResult, checkRunFiles, configAtHome, fetchRunFiles, readRunFiles, sendRunFiles, writeRunFiles } from './run-files.ts'; // prettier-ignore

export interface RedisCoordinatorOptions {
  address: RedisAddress;
  /** @default etude */
  prefix?: string;
  /** The music of a job, as its settings read it. What travels is named by the digest of its own bytes. */
  music: (job: TrainingJob) => MusicAtHand | Promise<MusicAtHand>;
  /** Told what does not stop the work: a connection that was lost and is there again. */
  onWarning?: (sentence: string) => void;
  /** @default the build that runs here */
  build?: Build;
}

/** Looked at so often where no event comes: after an outage, or where nobody takes the job. */
const LOOK_MS = 3000;
/** A finished job is remembered for a day, so that whoever asked can come back for it. */
const REMEMBERED_SECONDS = 86_400;
const ATTEMPTS = 3;

/** Hands training jobs to the workers that wait at a Redis; see `runRedisWorker`. */
export class RedisCoordinator implements Coordinator {
  readonly #options: RedisCoordinatorOptions;
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #build: Build;
  readonly #store: BlobStore;
  readonly #presences: Presences;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #id = randomUUID();
  readonly #heartbeat: NodeJS.Timeout;
  /** Wakes who waits for news of a job. */
  readonly #waiting = new Map<string, Set<() => void>>();

  private constructor(options: RedisCoordinatorOptions, link: RedisLink, build: Build) {
    const prefix = checkedPrefix(options.prefix ?? DEFAULT_PREFIX);
    this.#options = options;
    this.#link = link;
    this.#prefix = prefix;
    this.#build = build;
    this.#store = new BlobStore(link, prefix);
    this.#presences = new Presences(link, prefix);
    const { Queue, QueueEvents } = link.packages.bullmq;
    const name = queueName(build);
    this.#queue = new Queue(name, { connection: link.client, prefix, streams: { events: { maxLen: 500 } } });
    this.#events = new QueueEvents(name, { connection: link.client, prefix });
    // What goes wrong on the way is said by the link, and by what is asked.
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    const wake = ({ jobId }: { jobId: string }): void => { this.#wake(jobId); }; // prettier-ignore
    this.#events.on('progress', wake).on('completed', wake).on('failed', wake);
    this.#heartbeat = setInterval(() => void this.#announce().catch(() => undefined), (PRESENT_SECONDS * 1000) / 4);
  }

  /**
   * Connects.
   * @throws DistributedError where the packages are missing, or Redis cannot be reached; UsageError for a wrong prefix
   */
  static async open(options: RedisCoordinatorOptions): Promise<RedisCoordinator> {
    checkedPrefix(options.prefix ?? DEFAULT_PREFIX);
    const { onWarning } = options;
    const link = await connectRedis(options.address, {
      onLost: (why) => onWarning?.(`The connection to Redis is lost; it is made again when that answers. ${why}`),
      onBack: () => onWarning?.('Redis is there again.'),
    });
    try {
      const coordinator = new RedisCoordinator(options, link, options.build ?? (await ownBuild()));
      await coordinator.#announce();
      return coordinator;
    } catch (thrown) {
      link.close();
      throw link.explain(thrown);
    }
  }

  async atOnce(): Promise<number> {
    return (await this.#ours()).length;
  }

  async machines(): Promise<readonly Machine[]> {
    return (await this.#ours()).map(({ name, run }) => ({ name, ...(run !== undefined && { run }) }));
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
        const state = await this.#queue.getJobState(id);
        const found = await this.#queue.getJob(id);
        const ended = found && (await this.#ended(found, state, job, folder));
        if (ended) return ended;
        // Redis has lost it, or another stopped it: what it was given is all here.
        if (!found || state === 'failed' || state === 'completed') await this.#give(id, job, folder);
        if (found && state === 'active') told = tell(found, told, onProgress);
        if (state !== 'active') await this.#refuseOthers();
        await this.#news(id, signal);
        if (signal?.aborted) break;
      }
    } catch (thrown) {
      if (!signal?.aborted) throw this.#link.explain(thrown);
    }
    await this.#stop(id, job, folder).catch(() => undefined);
    throw signal!.reason;
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    const ending = Promise.all([this.#presences.leave('asker', this.#id), this.#events.close(), this.#queue.close()]);
    // Where Redis is gone there is nobody to take leave of.
    await Promise.race([ending.catch(() => undefined), sleep(1000)]);
    this.#link.close();
    await Promise.race([this.#events.disconnect().catch(() => undefined), sleep(500)]);
  }

  async #announce(): Promise<void> {
    const name = hostname().replace(/[^\w.-]/g, '-').slice(0, 64) || 'unknown'; // prettier-ignore
    await this.#presences.announce('asker', this.#id, { name, build: this.#build });
  }

  async #ours() {
    return (await this.#presences.list('machine')).filter(({ build }) => build.bits === this.#build.bits);
  }

  /** @throws DistributedError `version` where machines are there, and all are of another build */
  async #refuseOthers(): Promise<void> {
    const machines = await this.#presences.list('machine');
    if (machines.length === 0 || machines.some(({ build }) => build.bits === this.#build.bits)) return;
    const others = [...new Set(machines.map(({ name, build }) => `${name} (Etude ${build.etude})`))];
    throw new DistributedError(
      'version',
      `The workers at ${this.#link.address.shown} are other builds, whose results differ from those of Etude ${this.#build.etude} here: ${others.slice(0, 5).join(', ')}. ` +
        'Install the same version of Etude and of Node on all of them.',
    );
  }

  /** Puts a job into the queue, and what it needs beside it, unless it is there. */
  async #give(id: string, job: TrainingJob, folder: string): Promise<void> {
    await this.#link.client.del(stopKey(this.#prefix, id));
    const before = await this.#queue.getJob(id);
    const state = await before?.getState();
    if (state === 'failed') await before!.remove();
    else if (before && state !== 'unknown') return;
    const music = await this.#giveMusic(job);
    const start = await sendRunFiles(this.#store, startOf(folder));
    const message: JobMessage = { ...job, music, build: this.#build, start };
    await this.#queue.add('train', message, {
      jobId: id,
      attempts: ATTEMPTS,
      backoff: { type: 'fixed', delay: 1000 },
      removeOnComplete: { age: REMEMBERED_SECONDS },
      removeOnFail: { age: REMEMBERED_SECONDS },
    });
  }

  async #giveMusic(job: TrainingJob): Promise<string> {
    const { digest, bytes } = await this.#options.music(job);
    if (!(await this.#store.has(digest))) await this.#store.put(bytes, digest);
    return digest;
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
    for (const { digest } of files) if (!(await this.#store.has(digest))) return false;
    return true;
  }

  async #collect(result: ResultMessage, job: TrainingJob, folder: string): Promise<void> {
    const files = await fetchRunFiles(this.#store, result.files);
    checkResult(files, result, job);
    files.set('config.json', configAtHome(files.get('config.json')!, job, await this.#options.music(job)));
    writeRunFiles(folder, files);
    await this.#store.letGo(result.files.map(({ digest }) => digest));
  }

  /** Stops a job, and takes home what there is of it. */
  async #stop(id: string, job: TrainingJob, folder: string): Promise<void> {
    await this.#link.client.set(stopKey(this.#prefix, id), '1', 'EX', 3600);
    const found = await this.#queue.getJob(id);
    if (!found) return;
    const { progress } = found;
    // One that is at work is locked; its machine sees that it is to stop.
    await found.remove().catch(() => undefined);
    if (typeof progress !== 'object') return;
    const files = await fetchRunFiles(this.#store, readProgressMessage(progress).files);
    if (!checkRunFiles(files, job) || !files.has('config.json')) return;
    files.set('config.json', configAtHome(files.get('config.json')!, job, await this.#options.music(job)));
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
