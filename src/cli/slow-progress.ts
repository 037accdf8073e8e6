import type { InTurns } from '../nn/index.ts';
import { InterruptedError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds after which somebody wonders what is going on. */
const LONG = 1000;

interface Slow {
  /** For instance `making the initial weights of 2,048 units`. */
  what: string;
  signal: AbortSignal;
  /** What the error says after `interrupted while …; `. @default nothing was written to the run folder. */
  left?: string;
  /** Milliseconds, rising. @default performance.now */
  now?: () => number;
}

/**
 * Does what usually is done at once. Nothing is said in the first second; then there is a line with the part that is done, drawn
 * again and again on a terminal, one line elsewhere, and nothing at all with --quiet or --json.
 *
 * @throws InterruptedError when the signal ends the work
 */
export async function slowly<T>(
  { what, signal, left = 'nothing was written to the run folder.', now = () => performance.now() }: Slow,
  terminal: Terminal,
  work: (inTurns: InTurns) => Promise<T>,
): Promise<T> {
  const began = now();
  const label = what[0].toUpperCase() + what.slice(1);
  let said = false;
  const onProgress = (part: number): void => {
    if (terminal.quiet || terminal.json || now() - began < LONG) return;
    if (terminal.redraws) terminal.io.stderr.write(`\r${label}: ${Math.floor(100 * part)} %\u001b[K`);
    else if (!said) terminal.say(`${label} …`);
    said = true;
  };
  try {
    return await work({ onProgress, signal });
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw new InterruptedError(`interrupted while ${what}; ${left}`);
  } finally {
    if (said && terminal.redraws) terminal.io.stderr.write('\r\u001b[K');
  }
}
