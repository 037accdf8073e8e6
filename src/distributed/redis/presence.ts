import type { Build } from '../build.ts';
import { Fields, parseBounded } from './check.ts';
import type { RedisLink } from './connect.ts';
import { NAME, readBuild } from './messages.ts';

/** Who is there: a machine that trains, or one that asks others to. */
export type PresenceKind = 'machine' | 'asker';

export interface Presence {
  name: string;
  build: Build;
  /** The run that it trains at the moment. */
  run?: string;
}

/** For how long an announcement holds; it is made again in a quarter of that. */
export const PRESENT_SECONDS = 20;
/** For how long a machine that was refused is remembered, so that whoever asks is told why nobody comes. */
export const REFUSED_SECONDS = 60;
const MAX_PRESENCE = 2000;

/** Who is there under a prefix. BullMQ counts connections, but knows neither versions nor what each machine does. */
export class Presences {
  readonly #link: RedisLink;
  readonly #prefix: string;

  constructor(link: RedisLink, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
  }

  async announce(kind: PresenceKind, id: string, presence: Presence, seconds = PRESENT_SECONDS): Promise<void> {
    await this.#link.client.set(`${this.#prefix}:${kind}:${id}`, JSON.stringify(presence), 'EX', seconds);
  }

  async leave(kind: PresenceKind, id: string): Promise<void> {
    await this.#link.client.del(`${this.#prefix}:${kind}:${id}`);
  }

  /** Those that are there, by name. What cannot be read is passed by: it is nobody of ours. */
  async list(kind: PresenceKind): Promise<Presence[]> {
    const keys = await keysUnder(this.#link, `${this.#prefix}:${kind}:`);
    const texts = keys.length > 0 ? await this.#link.client.mget(keys) : [];
    const found = texts.flatMap((text) => {
      try {
        return text === null ? [] : [readPresence(text)];
      } catch {
        return [];
      }
    });
    return found.sort((a, b) => a.name.localeCompare(b.name));
  }
}

function readPresence(text: string): Presence {
  const fields = new Fields('a presence', parseBounded('a presence', text, MAX_PRESENCE));
  return {
    name: fields.text('name', NAME),
    build: fields.object('build', readBuild),
    ...(fields.has('run') && { run: fields.text('run', /^[\w-]{1,128}$/) }),
  };
}

/** All keys that begin so. The beginning holds no character that SCAN would take for a pattern. */
export async function keysUnder({ client }: RedisLink, beginning: string): Promise<string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, found] = await client.scan(cursor, 'MATCH', `${beginning}*`, 'COUNT', 1000);
    for (const key of found) keys.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...keys].sort();
}
