import type { Shelf } from './keep.ts';

const DATABASE = 'etude-studio';
const STORE = 'kept';

/** The browser's own database (IndexedDB), of this address only. */
export const browserShelf: Shelf = {
  read: (names) => inStore('readonly', (store) => names.map((name) => promiseOf(store.get(name)))),
  async write(entries) {
    await inStore('readwrite', (store) =>
      Object.entries(entries).map(([name, value]) => promiseOf(store.put(value, name))),
    );
  },
  async clear() {
    await inStore('readwrite', (store) => [promiseOf(store.clear())]);
  },
};

/** Does some work in one transaction: all of it, or none. */
async function inStore(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => Promise<unknown>[],
): Promise<unknown[]> {
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
    const [results] = await Promise.all([Promise.all(work(transaction.objectStore(STORE))), done]);
    return results;
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
