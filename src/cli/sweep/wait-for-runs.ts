import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { counted } from '../../text/words.ts';
import { FileError } from '../files.ts';
import { InterruptedError } from '../exit-codes.ts';
import { RunLock } from '../run-lock.ts';
import type { Terminal } from '../terminal.ts';

const LOOK_AGAIN_MS = 100;

/** So long a process may take to see that its sweep is gone, and to save. */
const PATIENCE_MS = 60_000;

/**
 * Waits until nobody writes into some run folders: processes of a sweep that was killed save and stop by themselves.
 * @throws FileError `held`, which says by whom, when one does not; InterruptedError
 */
export async function waitForRuns(folders: readonly string[], signal: AbortSignal, terminal: Terminal): Promise<void> {
  const began = performance.now();
  let said = false;
  for (;;) {
    const held = folders.filter((folder) => existsSync(folder)).flatMap(holderOf);
    if (held.length === 0) return;
    if (signal.aborted) throw new InterruptedError('interrupted before any run began.');
    if (performance.now() - began > PATIENCE_MS) throw held[0];
    if (!said) terminal.say(`Waiting for ${counted(held.length, 'process', 'processes')} of the sweep that was killed to save …`); // prettier-ignore
    said = true;
    await setTimeout(LOOK_AGAIN_MS);
  }
}

function holderOf(folder: string): FileError[] {
  try {
    RunLock.take(folder).release();
    return [];
  } catch (thrown) {
    if (thrown instanceof FileError && thrown.code === 'held') return [thrown];
    throw thrown;
  }
}
