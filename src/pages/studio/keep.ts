import type { MusicFile } from './protocol.ts';

/** What a visit leaves in the browser, so that closing the page loses nothing. */
export interface Kept {
  /** The model as a file, and how many steps it had taken. */
  model: Uint8Array;
  step: number;
  /** The files it was trained on; none for the songbook. */
  music: MusicFile[];
}

const DATABASE = 'etude-studio';
const STORE = 'kept';
const KEY = 'last';

/** Keeps one network and its music in the browser's own database (IndexedDB), of this address only. */
export class Keeper {
  /** What was kept by the visit before; undefined when there is nothing, or the browser keeps nothing. */
  async load(): Promise<Kept | undefined> {
    try {
      return await inStore('readonly', (store) => store.get(KEY) as IDBRequest<Kept | undefined>);
    } catch {
      return undefined;
    }
  }

  /** @throws Error with a sentence when the browser has no room or keeps nothing */
  async save(kept: Kept): Promise<void> {
    try {
      await inStore('readwrite', (store) => store.put(kept, KEY));
    } catch (thrown) {
      // DataCloneError: something that no browser can keep, which is not the browser's fault.
      if (thrown instanceof DOMException && thrown.name === 'DataCloneError') throw thrown;
      const full = thrown instanceof DOMException && thrown.name === 'QuotaExceededError';
      throw new Error(
        full
          ? 'The browser has no room left to keep the network between visits. It is still here and goes on: save it as a file (Save model).'
          : 'The browser does not let the page keep the network between visits: save it as a file (Save model).',
        { cause: thrown },
      );
    }
  }
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await promiseOf(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    // A full disk may show only when the transaction ends.
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
    });
    const [result] = await Promise.all([promiseOf(work(transaction.objectStore(STORE))), done]);
    return result;
  } finally {
    database.close();
  }
}

function promiseOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('failed'));
  });
}
