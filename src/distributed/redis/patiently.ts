import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisLink } from './connect.ts';
import { DistributedError } from './errors.ts';

/** Between two attempts at what Redis refuses. */
const AGAIN_MS = 2000;

/**
 * Asks something of Redis until it does it: what was computed outlives a Redis that is full, or starts.
 * @param onTrouble told why it waits, in a sentence
 * @throws the reason of `signal` when that aborts, and whatever is not the fault of Redis
 */
export async function patiently<T>(
  link: RedisLink,
  ask: () => Promise<T>,
  { signal, onTrouble }: { signal?: AbortSignal; onTrouble: (sentence: string) => void },
): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (thrown) {
      signal?.throwIfAborted();
      const explained = link.explain(thrown);
      if (link.closed || !(explained instanceof DistributedError) || explained.code !== 'redis') throw explained;
      onTrouble(explained.message);
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      signal?.throwIfAborted();
    }
  }
}
