import { EXIT } from './exit-codes.ts';

/** The part of `process` that signals come from. */
interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** Ctrl-C and SIGTERM, once a command has taken them. */
export interface Interrupts {
  /** Hands out the signal that the first Ctrl-C aborts; from here on the process does not end by itself. */
  take: () => AbortSignal;
  /** Asks the command that took the signal to stop, as Ctrl-C would. @returns false where none has taken it */
  ask: () => boolean;
}

/**
 * The first Ctrl-C asks, the second ends at once. Nothing is listened to until a command takes the signal: before that
 * Ctrl-C ends the process as always.
 *
 * @param exit ends the process
 */
export function interruptsOf(source: SignalSource, exit: (code: number) => void): Interrupts {
  let controller: AbortController | undefined;
  const interrupted = (): void => {
    if (controller!.signal.aborted) exit(EXIT.interrupted);
    else controller!.abort();
  };
  const take = (): AbortSignal => {
    if (!controller) {
      controller = new AbortController();
      source.on('SIGINT', interrupted);
      source.on('SIGTERM', interrupted);
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
 * Lets `etude … | head` end without a stack trace. When the reader of stdout has gone, a command that saves is asked to
 * stop, and any other ends at once. Nobody reading stderr is no reason to stop.
 *
 * @param exit ends the process
 */
export function quietPipes(stdout: Pipe, stderr: Pipe, interrupts: Interrupts, exit: () => void): void {
  stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    if (!interrupts.ask()) exit();
  });
  stderr.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
