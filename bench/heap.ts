import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So many calls between two looks at the heap: far fewer than fill what V8 collects at once. */
export const CALLS_PER_LOOK = 10;

/**
 * Adds up what is taken from the JavaScript heap, whether it is given back or not: all rises of the heap between looks at it. A
 * collection makes a fall, which does not count; what was taken between a look and a collection is missed, a small part of
 * it all where looks are frequent.
 */
export class HeapWatch {
  /** Bytes taken so far. */
  taken = 0;
  #before: number;

  constructor() {
    collectGarbage();
    this.#before = usedHeap();
  }

  look(): void {
    const now = usedHeap();
    if (now > this.#before) this.taken += now - this.#before;
    // Looking takes from the heap too: what it took comes before the next beginning.
    this.#before = usedHeap();
  }
}

/** The bytes that each of about `count` calls of `run` takes from the JavaScript heap. */
export function allocatedBytes(run: () => void, count: number): number {
  const looks = Math.max(1, Math.ceil(count / CALLS_PER_LOOK));
  // The second time everything is compiled and the loop below optimised.
  lookedAt(run, Math.ceil(looks / 4));
  const empty = lookedAt(() => undefined, looks);
  return Math.max(0, lookedAt(run, looks) - empty) / (looks * CALLS_PER_LOOK);
}

function lookedAt(run: () => void, looks: number): number {
  const watch = new HeapWatch();
  for (let look = 0; look < looks; look++) {
    for (let call = 0; call < CALLS_PER_LOOK; call++) run();
    watch.look();
  }
  return watch.taken;
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}

/** V8's own collector, which has a name only where a flag says so. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}
