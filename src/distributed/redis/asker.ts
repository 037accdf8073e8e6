import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import { ownBuild, type Build } from '../build.ts';
import type { MusicAtHand } from '../music-at-hand.ts';
import type { RedisAddress } from './address.ts';
import { BlobStore } from './blobs.ts';
import { connectRedis, type RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';
import { checkedPrefix, DEFAULT_PREFIX, queueName } from './names.ts';
import { PRESENT_SECONDS, Presences, type Presence } from './presence.ts';

export interface AskerOptions {
  address: RedisAddress;
  /** @default etude */
  prefix?: string;
  /** Told what does not stop the work: a connection that was lost and is there again. */
  onWarning?: (sentence: string) => void;
  /** @default the build that runs here */
  build?: Build;
}

/** How many attempts a job has where the fault may lie with the machine, and how long until the next. */
export const ATTEMPTS = { attempts: 3, backoff: { type: 'fixed', delay: 1000 } } as const;
/** A job that has ended is remembered for a day, so that whoever asked can come back for it. */
export const REMEMBERED_SECONDS = 86_400;

/** Whoever asks for training at a Redis: the connection, the queue of the build, and a presence that workers see. */
export class Asker {
  readonly link: RedisLink;
  readonly prefix: string;
  readonly build: Build;
  readonly store: BlobStore;
  readonly queue: Queue;
  /** Told when the connection is there again. */
  onBack?: () => void;
  readonly #presences: Presences;
  readonly #id = randomUUID();
  readonly #run?: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(link: RedisLink, prefix: string, build: Build, run?: string) {
    this.link = link;
    this.prefix = prefix;
    this.build = build;
    this.#run = run;
    this.store = new BlobStore(link, prefix);
    this.#presences = new Presences(link, prefix);
    this.queue = new link.packages.bullmq.Queue(queueName(build), {
      ...{ connection: link.client, prefix, streams: { events: { maxLen: 500 } } },
    });
    // What goes wrong on the way is said by the link, and by what is asked.
    this.queue.on('error', () => undefined);
    this.#heartbeat = setInterval(() => void this.#announce().catch(() => undefined), (PRESENT_SECONDS * 1000) / 4);
  }

  /**
   * Connects.
   * @param run the one run that is asked for, where it is one
   * @throws DistributedError where the packages are missing, or Redis cannot be reached; UsageError for a wrong prefix
   */
  static async open(options: AskerOptions, run?: string): Promise<Asker> {
    const prefix = checkedPrefix(options.prefix ?? DEFAULT_PREFIX);
    const { onWarning } = options;
    let asker: Asker | undefined;
    const link = await connectRedis(options.address, {
      onLost: (why) => onWarning?.(`The connection to Redis is lost; it is made again when that answers. ${why}`),
      onBack: () => {
        onWarning?.('Redis is there again.');
        asker?.onBack?.();
      },
    });
    try {
      asker = new Asker(link, prefix, options.build ?? (await ownBuild()), run);
      await asker.#announce();
      return asker;
    } catch (thrown) {
      if (asker) clearInterval(asker.#heartbeat);
      link.close();
      throw link.explain(thrown);
    }
  }

  /** The machines that are there and compute the same bits. */
  async machines(): Promise<Presence[]> {
    return (await this.#presences.list('machine')).filter(({ build }) => build.bits === this.build.bits);
  }

  /** @throws DistributedError `version` where machines are there, and all are of another build */
  async refuseOthers(): Promise<void> {
    const machines = await this.#presences.list('machine');
    if (machines.length === 0 || machines.some(({ build }) => build.bits === this.build.bits)) return;
    const others = [...new Set(machines.map(({ name, build }) => `${name} (Etude ${build.etude})`))];
    throw new DistributedError(
      'version',
      `The workers at ${this.link.address.shown} are other builds, whose results differ from those of Etude ${this.build.etude} here: ${others.slice(0, 5).join(', ')}. ` +
        'Install the same version of Etude and of Node on all of them.',
    );
  }

  /** Puts music there unless it is there. @returns the digest of its bytes */
  async giveMusic({ digest, bytes }: Pick<MusicAtHand, 'digest' | 'bytes'>): Promise<string> {
    if (!(await this.store.has(digest))) await this.store.put(bytes, digest);
    return digest;
  }

  /**
   * Takes leave, and ends the connection, in a time that is bounded: where Redis is gone there is nobody to take leave of.
   * @param before what else is to be done while it stands
   */
  async close(before: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    clearInterval(this.#heartbeat);
    const leaving = async (): Promise<void> => {
      await Promise.all([before(), this.#presences.leave('asker', this.#id)]);
      await this.queue.close();
    };
    await Promise.race([leaving().catch(() => undefined), sleep(1000, undefined, { ref: false })]);
    this.link.close();
  }

  async #announce(): Promise<void> {
    const name = hostname().replace(/[^\w.-]/g, '-').slice(0, 64) || 'unknown'; // prettier-ignore
    const run = this.#run;
    await this.#presences.announce('asker', this.#id, { name, build: this.build, ...(run !== undefined && { run }) });
  }
}
