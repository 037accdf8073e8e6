import type { Call, EngineCalls, EngineEvents, TellMessage } from './protocol.ts';

/** The part of a Worker that is used here, so that tests can stand in for it. */
export interface WorkerPort {
  onmessage: ((event: { data: TellMessage }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/** What went wrong in the worker, with its name there. */
export class EngineError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface Waiting {
  resolve: (reply: never) => void;
  reject: (reason: Error) => void;
}

/** The page's end of the wire to the engine's worker: calls that return promises, and events. */
export class EngineClient {
  readonly #port: WorkerPort;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners: { [E in keyof EngineEvents]?: ((detail: EngineEvents[E]) => void)[] } = {};
  #calls = 0;

  constructor(port: WorkerPort) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#receive(data);
    port.onerror = ({ message }) => this.#fail(message ?? 'its code could not be loaded');
  }

  /** @throws EngineError with the worker's sentence */
  ask<C extends Call>(
    call: C,
    request: EngineCalls[C]['request'],
    transfer: Transferable[] = [],
  ): Promise<EngineCalls[C]['reply']> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, call, request }, transfer);
    });
  }

  on<E extends keyof EngineEvents>(event: E, listener: (detail: EngineEvents[E]) => void): void {
    const listeners = (this.#listeners[event] ??= []) as ((detail: EngineEvents[E]) => void)[];
    listeners.push(listener);
  }

  #receive(message: TellMessage): void {
    if ('event' in message) {
      const listeners = this.#listeners[message.event] as ((detail: unknown) => void)[] | undefined;
      for (const listener of listeners ?? []) listener(message.detail);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(new EngineError(message.error.name, message.error.message));
    else waiting?.resolve(message.reply as never);
  }

  /** The worker is gone: nobody shall wait for it. */
  #fail(reason: string): void {
    const error = new EngineError(
      'WorkerError',
      `The engine's worker failed: ${reason}. Reload the page; the settings in its address are restored.`,
    );
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    for (const listener of this.#listeners.trouble ?? []) listener({ name: error.name, message: error.message });
  }
}
