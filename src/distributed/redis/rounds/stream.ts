import type { Redis } from 'ioredis';
import type { RedisLink } from '../connect.ts';
import { roundsKey } from '../names.ts';

/** How long a read waits at Redis for something new. Shorter than the silence after which a connection is taken for dead. */
export const WAIT_MS = 5000;
/** What is asked and what is answered is kept for so long after its last word; a round that lasts longer keeps it longer. */
export const ROUND_SECONDS = 600;
/** Entries that come with one read. */
const AT_A_TIME = 16;

/** The two streams of a run: what is asked of its machines, of which only the newest counts, and what they answer. */
export function roundStreams(link: RedisLink, prefix: string, run: string, machines: number) {
  const stream = (name: 'tasks' | 'answers', keeps: number): Stream =>
    new Stream(link, roundsKey(prefix, run, name), { keeps, seconds: ROUND_SECONDS });
  // Room for what each machine may say in a round, and for what it said in the one before.
  return { tasks: stream('tasks', 1), answers: stream('answers', 16 + 4 * machines) };
}

/** An entry of a stream of Redis: its id there, and its text. */
export interface Entry {
  id: string;
  text: string;
}

/** Texts in a stream of Redis, of which the newest stay. */
export class Stream {
  readonly #link: RedisLink;
  readonly #key: string;
  readonly #keeps: number;
  readonly #seconds: number;

  /**
   * @param keeps how many entries stay
   * @param seconds for how long, after the last was added
   */
  constructor(link: RedisLink, key: string, { keeps, seconds }: { keeps: number; seconds: number }) {
    this.#link = link;
    this.#key = key;
    this.#keeps = keeps;
    this.#seconds = seconds;
  }

  /** Adds a text. @returns its id */
  async add(text: string): Promise<string> {
    const { client } = this.#link;
    const id = await client.xadd(this.#key, 'MAXLEN', this.#keeps, '*', 'is', text);
    await this.keep();
    return id!;
  }

  /** Keeps what is there for another while. */
  async keep(): Promise<void> {
    await this.#link.client.expire(this.#key, this.#seconds);
  }

  async newest(): Promise<Entry | undefined> {
    return entriesOf(await this.#link.client.xrevrange(this.#key, '+', '-', 'COUNT', 1)).at(0);
  }

  async remove(): Promise<void> {
    await this.#link.client.unlink(this.#key);
  }

  /** Reads what is added from now on, or, with `all`, what is there as well. */
  async reader(all = false): Promise<StreamReader> {
    const after = all ? undefined : await this.newest();
    return new StreamReader(this, this.#link.another(), this.#key, after?.id ?? BEGINNING);
  }
}

const BEGINNING = '0-0';

/** Reads a stream as it grows, waiting at Redis on a connection of its own. */
export class StreamReader {
  readonly #stream: Stream;
  readonly #connection: Redis;
  readonly #key: string;
  #last: string;
  #reading?: Promise<Entry[]>;

  constructor(stream: Stream, connection: Redis, key: string, last: string) {
    this.#stream = stream;
    this.#connection = connection;
    this.#key = key;
    this.#last = last;
  }

  /**
   * What is new; nothing where nothing came for {@link WAIT_MS}, or for `ms`, or until `signal` aborts.
   * @throws what Redis says
   */
  async next(signal: AbortSignal | undefined, ms = Infinity): Promise<Entry[]> {
    this.#reading ??= this.#read();
    // Whoever gives up waiting leaves what comes to the next call.
    this.#reading.catch(() => undefined);
    const { waiting, end } = pause(Math.min(ms, 2 * WAIT_MS), signal);
    try {
      const entries = await Promise.race([this.#reading, waiting]);
      if (entries) this.#reading = undefined;
      return entries ?? [];
    } catch (thrown) {
      this.#reading = undefined;
      throw thrown;
    } finally {
      end();
    }
  }

  close(): void {
    this.#connection.disconnect();
  }

  async #read(): Promise<Entry[]> {
    const found = await this.#connection.xread('COUNT', AT_A_TIME, 'BLOCK', WAIT_MS, 'STREAMS', this.#key, this.#last);
    const entries = found ? entriesOf(found[0][1]) : [];
    if (entries.length > 0) this.#last = entries.at(-1)!.id;
    else {
      // A Redis that came back empty, with a clock that is behind, counts from before where it was.
      const newest = await this.#stream.newest();
      if (newest && isBefore(newest.id, this.#last)) this.#last = BEGINNING;
    }
    return entries;
  }
}

/** Ids are a time in milliseconds and a number within it. */
function isBefore(id: string, other: string): boolean {
  const [[time, number], [otherTime, otherNumber]] = [id, other].map((each) => each.split('-').map(Number));
  return time < otherTime || (time === otherTime && number < otherNumber);
}

function entriesOf(found: readonly [id: string, fields: string[]][]): Entry[] {
  return found.map(([id, fields]) => ({ id, text: String(fields.at(1)) }));
}

/** Waits for a while, or until a signal aborts. */
function pause(ms: number, signal: AbortSignal | undefined): { waiting: Promise<undefined>; end: () => void } {
  let end = (): void => undefined;
  const waiting = new Promise<undefined>((resolve) => {
    end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve(undefined);
    };
    const timer = setTimeout(() => { end(); }, Math.max(0, ms)); // prettier-ignore
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
  return { waiting, end };
}
