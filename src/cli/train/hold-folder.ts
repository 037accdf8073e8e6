import { RunLock } from '../run-lock.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Does some work that writes into a run folder, which it makes where it is not there, while no other run may write there.
 * Ctrl-C is taken over first, so that it ends the work in a way that gives the folder back.
 *
 * @throws FileError `held` when a run is at work there; whatever the work throws
 */
export async function holdRunFolder<T>(folder: string, terminal: Terminal, work: () => T | Promise<T>): Promise<T> {
  terminal.interrupts('stopping');
  const lock = RunLock.take(folder);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
