import { Worker } from 'node:worker_threads';
import { EtudeError, messageOf } from '../../../errors.ts';
import { readingOptions, type PieceReading, type ReadPieceOptions } from '../read-piece.ts';
import { reviveFailure, type ReaderInit, type ReaderReply } from './protocol.ts';
import { READER_WORKER } from './reader-worker.generated.ts';

/**
 * Room for young objects in each thread. The parser makes millions that live for one file; in the 16 MB that are usual many
 * would be copied again and again.
 */
const YOUNG_GENERATION_MB = 64;

/** A thread that was to read files ended by itself, for instance because the memory did not suffice. */
export class ReaderThreadError extends EtudeError {
  override name = 'ReaderThreadError';

  /** The same, with the file that the thread was reading. */
  at(path: string): ReaderThreadError {
    return new ReaderThreadError(`${path}: ${this.message}`, { cause: this });
  }
}

/** Threads that read pieces. Each file is read by one of them, in the same way as by `readPiece`. */
export class ReaderPool {
  readonly #threads: ReaderThread[];

  /**
   * Starts the threads.
   * @param size how many
   * @param code what they run; only tests give another
   */
  constructor(size: number, options: ReadPieceOptions, code: string = READER_WORKER) {
    const init: ReaderInit = { options: readingOptions(options), resolveFrom: import.meta.url };
    this.#threads = Array.from({ length: size }, () => new ReaderThread(code, init));
  }

  /** How many threads there are. */
  get size(): number {
    return this.#threads.length;
  }

  /**
   * Reads a piece on the thread that has the least before it.
   *
   * @param bytes the file; copied
   * @returns rejects as `readPiece` throws (of the classes of errors only those in src/errors.ts are kept), and with a
   *   ReaderThreadError when the thread ends before it answers
   */
  read(bytes: Uint8Array): Promise<PieceReading> {
    const idlest = this.#threads.reduce((a, b) => (b.waitingBytes < a.waitingBytes ? b : a));
    return idlest.read(bytes);
  }

  /** Ends the threads, whatever they are doing; readings that are not there yet are rejected. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

/** A reading that a thread owes. */
interface Debt {
  bytes: number;
  resolve(reading: PieceReading): void;
  reject(error: Error): void;
}

class ReaderThread {
  /** The sizes of the files that it has not answered yet. */
  waitingBytes = 0;
  readonly #worker: Worker;
  readonly #debts: Debt[] = [];
  #ended: ReaderThreadError | undefined;

  constructor(code: string, workerData: ReaderInit) {
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB };
    this.#worker = new Worker(code, { eval: true, workerData, resourceLimits, name: 'etude-reader' });
    this.#worker.on('message', (reply: ReaderReply) => {
      this.#settle(reply);
    });
    this.#worker.on('error', (error: unknown) => {
      this.#end(messageOf(error));
    });
    this.#worker.on('messageerror', (error) => {
      this.#end(messageOf(error));
    });
    this.#worker.on('exit', (code) => {
      this.#end(`it exited with code ${code}`);
    });
  }

  read(bytes: Uint8Array): Promise<PieceReading> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#debts.push({ bytes: bytes.length, resolve, reject });
      this.waitingBytes += bytes.length;
      this.#worker.postMessage(bytes);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: ReaderReply): void {
    const debt = this.#debts.shift();
    if (!debt) return;
    this.waitingBytes -= debt.bytes;
    if ('reading' in reply) debt.resolve(reply.reading);
    else debt.reject(reviveFailure(reply.failure));
  }

  #end(reason: string): void {
    this.#ended ??= new ReaderThreadError(
      `A thread that reads MIDI files ended before it was done: ${reason}. Try again with fewer threads, or with one.`,
    );
    for (const { reject } of this.#debts.splice(0)) reject(this.#ended);
  }
}
