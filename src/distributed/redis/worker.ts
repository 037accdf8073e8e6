import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import { ownBuild, type Build } from '../build.ts';
import type { RedisAddress } from './address.ts';
import { BlobStore } from './blobs.ts';
import { connectRedis, type RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';
import { JobAtWork } from './job-at-work.ts';
import { MusicStore } from './music-store.ts';
import { checkedPrefix, JOB_NAMES, queueName, STOPPED } from './names.ts';
import { PRESENT_SECONDS, Presences, REFUSED_SECONDS } from './presence.ts';
import type { JobEnd, QueuedWork, Surroundings } from './queued-work.ts';
import { MachineAtWork } from './rounds/at-work.ts';
import type { OpenMachineHere } from './rounds/machine-here.ts';
import type { TrainHere, WorkerEvent } from './train-here.ts';

export interface RedisWorkerOptions {
  address: RedisAddress;
  prefix: string;
  name: string;
  /** Ends after one job. */
  once: boolean;
  /** A machine that says nothing for so long has lost its job. */
  stalledSeconds: number;
  /** Between two checkpoints that are sent. */
  checkpointSeconds: number;
  cacheDir?: string;
  musicFolder?: string;
  /** How long a machine of a run waits where nobody asks for the run any more. @default ten minutes */
  silentSeconds?: number;
  /** @default the build that runs here */
  build?: Build;
  signal: AbortSignal;
  onEvent: (event: WorkerEvent) => void;
}

/** What a worker can do: train a run, and be a machine of a run that several train. */
export interface WorkHere {
  trainHere: TrainHere;
  openMachine: OpenMachineHere;
}

/** A job that takes its machines down with it is given up after so many. */
const MAX_MACHINES_LOST = 10;
/** How long taking leave may take where Redis does not answer. */
const LEAVE_MS = 2000;

/**
 * Waits for jobs at a Redis and trains them, one after another, until `signal` aborts, or `once` is done.
 * @throws DistributedError where Redis cannot be reached at the start, or who asks for training there has another version of Etude
 */
export async function runRedisWorker(options: RedisWorkerOptions, workHere: WorkHere): Promise<void> {
  checkedPrefix(options.prefix);
  const warn = (message: string): void => { options.onEvent({ event: 'warning', message }); }; // prettier-ignore
  const link = await connectRedis(options.address, {
    onLost: (why) => { warn(`The connection to Redis is lost; training goes on, and it is made again when that answers. ${why}`); }, // prettier-ignore
    onBack: () => { warn('Redis is there again.'); }, // prettier-ignore
  });
  try {
    await new RedisWorker(options, link, options.build ?? (await ownBuild()), workHere).run();
  } catch (thrown) {
    throw options.signal.aborted ? thrown : link.explain(thrown);
  } finally {
    link.close();
  }
}

class RedisWorker {
  readonly #options: RedisWorkerOptions;
  readonly #link: RedisLink;
  readonly #build: Build;
  readonly #workHere: WorkHere;
  readonly #store: BlobStore;
  readonly #music: MusicStore;
  readonly #presences: Presences;
  readonly #id = randomUUID();
  /** Aborted when this machine stops taking jobs, with the reason where it is an error. */
  readonly #end = new AbortController();
  #current?: QueuedWork;
  #warned = '';

  constructor(options: RedisWorkerOptions, link: RedisLink, build: Build, workHere: WorkHere) {
    this.#options = options;
    this.#link = link;
    this.#build = build;
    this.#workHere = workHere;
    this.#store = new BlobStore(link, options.prefix);
    const onWarning = (message: string): void => { this.#warn(message); }; // prettier-ignore
    this.#music = new MusicStore(this.#store, { cacheDir: options.cacheDir, folder: options.musicFolder, onWarning });
    this.#presences = new Presences(link, options.prefix);
  }

  async run(): Promise<void> {
    const { prefix, name, stalledSeconds, signal, address } = this.#options;
    await this.#refuseOthers();
    const worker = new this.#link.packages.bullmq.Worker(queueName(this.#build), (job, token) => this.#process(job, token!), {
      ...{ connection: this.#link.client, prefix, name, autorun: false, concurrency: 1 },
      lockDuration: stalledSeconds * 1000,
      stalledInterval: (stalledSeconds * 1000) / 2,
      maxStalledCount: MAX_MACHINES_LOST,
      // How soon it looks again after an outage, in milliseconds.
      runRetryDelay: 2000,
    }); // prettier-ignore
    worker.on('error', (error) => { this.#onError(error); }); // prettier-ignore
    worker.on('lockRenewalFailed', (ids) => { if (ids.includes(this.#current?.id ?? '')) this.#current!.lose(); }); // prettier-ignore
    const stop = (): void => { this.#end.abort(); }; // prettier-ignore
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const heartbeat = setInterval(() => void this.#beat(), (PRESENT_SECONDS * 1000) / 4);
    try {
      await this.#announce();
      this.#options.onEvent({ event: 'ready', redis: address.shown, prefix, name });
      void worker.run().catch((thrown: unknown) => { this.#end.abort(thrown); }); // prettier-ignore
      await aborted(this.#end.signal);
      this.#current?.giveBack();
      await this.#leave(worker);
    } finally {
      clearInterval(heartbeat);
      signal.removeEventListener('abort', stop);
    }
    if (this.#end.signal.reason instanceof DistributedError) throw this.#end.signal.reason;
  }

  /** Ends cleanly, in a time that is bounded once the training has been saved. */
  async #leave(worker: Worker): Promise<void> {
    const closing = worker.close();
    while (this.#current?.isTraining) await sleep(20);
    const refused = this.#end.signal.reason instanceof DistributedError;
    const goodbye = refused ? this.#announce(REFUSED_SECONDS) : this.#presences.leave('machine', this.#id);
    await Promise.race([Promise.allSettled([closing, goodbye]), sleep(LEAVE_MS)]);
    await Promise.race([worker.disconnect().catch(() => undefined), sleep(500)]);
  }

  async #process(queued: Job, token: string): Promise<JobEnd['result']> {
    const { once } = this.#options;
    const { UnrecoverableError, WaitingError } = this.#link.packages.bullmq;
    const folder = mkdtempSync(join(tmpdir(), 'etude-worker-'));
    const job = this.#begin(queued, token, folder);
    this.#current = job;
    if (this.#end.signal.aborted) job.giveBack();
    void this.#announce().catch(() => undefined);
    try {
      const { how, result, message } = await job.work();
      if (how === 'given back') throw new WaitingError();
      if (how === 'stopped') throw new UnrecoverableError(STOPPED);
      if (how === 'hopeless') throw new UnrecoverableError(message);
      if (how !== 'done') throw new Error(message);
      return result;
    } finally {
      this.#current = undefined;
      rmSync(folder, { recursive: true, force: true });
      void this.#announce().catch(() => undefined);
      if (once && job.how !== 'given back') this.#end.abort();
    }
  }

  #begin(queued: Job, token: string, folder: string): QueuedWork {
    const { onEvent, stalledSeconds, checkpointSeconds, prefix, name, silentSeconds } = this.#options;
    const { trainHere, openMachine } = this.#workHere;
    const around: Surroundings = {
      ...{ link: this.#link, store: this.#store, music: this.#music, prefix, machine: name, folder, onEvent },
      ...{ lockMs: stalledSeconds * 1000, checkpointSeconds, onWarning: (message) => { this.#warn(message); } },
    }; // prettier-ignore
    return queued.name === JOB_NAMES.rounds
      ? new MachineAtWork(queued, token, around, openMachine, silentSeconds)
      : new JobAtWork(queued, token, around, trainHere);
  }

  async #beat(): Promise<void> {
    try {
      await this.#announce();
      if (!this.#current) await this.#refuseOthers();
    } catch (thrown) {
      if (thrown instanceof DistributedError && thrown.code === 'version') this.#end.abort(thrown);
    }
  }

  async #announce(seconds?: number): Promise<void> {
    const { name } = this.#options;
    const run = this.#current?.run;
    const presence = { name, build: this.#build, ...(run !== undefined && { run }) };
    await this.#presences.announce('machine', this.#id, presence, seconds);
  }

  /** @throws DistributedError `version` where somebody asks for training, and all who do are of another build */
  async #refuseOthers(): Promise<void> {
    const askers = await this.#presences.list('asker');
    if (askers.length === 0 || askers.some(({ build }) => build.bits === this.#build.bits)) return;
    await this.#announce(REFUSED_SECONDS);
    const others = [...new Set(askers.map(({ name, build }) => `${name} (Etude ${build.etude})`))];
    throw new DistributedError(
      'version',
      `The sweeps and trainings at ${this.#link.address.shown} come from other builds, whose results differ from those of Etude ${this.#build.etude} here: ${others.slice(0, 5).join(', ')}. ` +
        'Install the same version of Etude and of Node on both.',
    );
  }

  /** The link tells outages, and a job that was lost tells so itself. */
  #onError(error: Error): void {
    const explained = this.#link.explain(error);
    if (/Connection is closed|lock|ECONN|ETIMEDOUT|EPIPE|socket/i.test(error.message) || !error.message) return;
    this.#warn(explained.message);
  }

  /** Says something once, until something else is to be said. */
  #warn(message: string): void {
    if (message === this.#warned) return;
    this.#warned = message;
    this.#options.onEvent({ event: 'warning', message });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => { resolve(); }, { once: true }); // prettier-ignore
  });
}
