import type { RedisAddress } from './address.ts';
import { connectRedis } from './connect.ts';
import { checkedPrefix } from './names.ts';
import { keysUnder, Presences } from './presence.ts';

/** What lies under a prefix. */
export interface UnderPrefix {
  keys: number;
  /** Pieces of music, checkpoints and logs. */
  blobs: number;
  /** That wait, that are at work, and that have ended, of all builds of Etude. */
  waiting: number;
  active: number;
  ended: number;
  /** Runs that several machines train, or did a while ago. */
  rounds: number;
  /** Bytes that the blobs take in Redis. */
  bytes: number;
  machines: string[];
}

const BATCH = 500;

/**
 * Says what is under a prefix, and removes all of it where that is agreed to.
 * @param agree told what is there; nothing is removed where it returns false
 * @throws DistributedError where Redis cannot be reached or refuses
 */
export async function cleanRedis(
  address: RedisAddress,
  prefix: string,
  agree: (found: UnderPrefix) => boolean,
): Promise<void> {
  checkedPrefix(prefix);
  const link = await connectRedis(address);
  const { client } = link;
  try {
    const keys = await keysUnder(link, `${prefix}:`);
    const blobs = keys.filter((key) => key.startsWith(`${prefix}:blob:`));
    const count = async (list: string, length: (key: string) => Promise<number>): Promise<number> => {
      const ours = keys.filter((key) => key.startsWith(`${prefix}:jobs-`) && key.endsWith(`:${list}`));
      return (await Promise.all(ours.map(length))).reduce((sum, each) => sum + each, 0);
    };
    let bytes = 0;
    for (const key of blobs) bytes += (await client.memory('USAGE', key)) ?? 0;
    const [listed, sorted] = [(key: string) => client.llen(key), (key: string) => client.zcard(key)];
    const found: UnderPrefix = {
      ...{ keys: keys.length, blobs: blobs.length, bytes },
      waiting: (await count('wait', listed)) + (await count('delayed', sorted)),
      active: await count('active', listed),
      ended: (await count('completed', sorted)) + (await count('failed', sorted)),
      rounds: new Set(keys.filter((key) => key.startsWith(`${prefix}:rounds:`)).map((key) => key.split(':').at(2)))
        .size,
      machines: (await new Presences(link, prefix).list('machine')).map(({ name }) => name),
    };
    if (!agree(found)) return;
    for (let at = 0; at < keys.length; at += BATCH) await client.unlink(keys.slice(at, at + BATCH));
  } catch (thrown) {
    throw link.explain(thrown);
  } finally {
    link.close();
  }
}
