import { EXIT } from './exit-codes.ts';

/** The part of `process` that signals come from. */
interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
}

/** Ctrl-C, SIGTERM, and SIGHUP of a terminal that is closed, once a command has taken them. */
export interface Interrupts {
  /** Hands out the signal that the first Ctrl-C aborts; from here on the process does not end by itself. */
  take: () => AbortSignal;
  /** Asks the command that took the signal to stop, as Ctrl-C would. @returns false where none has taken it */
  ask: () => boolean;
}

/**
 * The first Ctrl-C asks, the second ends at once. A closed terminal only asks: it sends SIGHUP more than once, and nobody who
 * is in a hurry. Nothing is listened to until a command takes the signal: before that Ctrl-C ends the process as always.
 *
 * @param exit ends the process
 */
export function interruptsOf(source: SignalSource, exit: (code: number) => void): Interrupts {
  let controller: AbortController | undefined;
  const interrupted = (): void => {
    if (controller!.signal.aborted) exit(EXIT.interrupted);
    else controller!.abort();
  };
  const hungUp = (): void => {
    controller!.abort();
  };
  const take = (): AbortSignal => {
    if (!controller) {
      controller = new AbortController();
      source.on('SIGINT', interrupted);
      source.on('SIGTERM', interrupted);
      source.on('SIGHUP', hungUp);
    }
    return controller.signal;
  };
  const ask = (): boolean => {
    controller?.abort();
    return controller !== undefined;
  };
  return { take, ask };
}

interface Pipe {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * Lets a command end without a stack trace when its output cannot be written. When the reader of stdout has gone, as in
 * `etude … | head`, a command that saves is asked to stop, and any other ends at once. The same when stdout is full, which is
 * a failure, and is said. Nobody reading stderr is no reason to stop, and nobody could be told.
 *
 * @param exit ends the process
 * @returns `failed` says whether something that was to be printed is lost
 */
export function watchPipes(
  stdout: Pipe,
  stderr: Pipe & { write(text: string): unknown },
  interrupts: Interrupts,
  exit: (code: number) => void,
): { failed: () => boolean } {
  let failed = false;
  stdout.on('error', ({ code, message }) => {
    // EIO: the terminal is gone.
    const gone = code === 'EPIPE' || code === 'EIO';
    if (!gone && !failed) stderr.write(`etude: the output cannot be written: ${message}.\n`);
    failed ||= !gone;
    if (!interrupts.ask()) exit(gone ? EXIT.ok : EXIT.failure);
  });
  stderr.on('error', () => undefined);
  return { failed: () => failed };
}
