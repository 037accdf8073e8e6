// The same page where no code may be run from text: it brings the program of a thread as a file of its own.
import { run, type PageResult } from './page.js';

const createWorker = () => new Worker(new URL('./thread.ts', import.meta.url), { type: 'module' });

Object.assign(globalThis, {
  runWithOwnWorker: (bytes: Uint8Array): Promise<PageResult> => run(bytes, { createWorker }),
});
