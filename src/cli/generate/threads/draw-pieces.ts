import { Worker } from 'node:worker_threads';
import { EtudeError, messageOf } from '../../../errors.ts';
import { reviveFailure } from '../../../midi/corpus/threads/protocol.ts';
import type { GeneratedMusic, MusicModel } from '../../../music/index.ts';
import type { DrawingRequest } from '../draw-piece.ts';
import type { DrawerInit, DrawerReply } from './protocol.ts';
import { PIECE_WORKER } from './worker.generated.ts';

/** How many pieces are drawn at once, and who hears of them. */
export interface DrawPiecesOptions {
  threads: number;
  /** Ends the drawing; pieces that are under way are lost. */
  signal: AbortSignal;
  /** Told how far all pieces together are, in the unit of one. */
  onProgress(done: number): void;
  /** Given each piece as it is ready, in any order, one at a time. */
  onPiece(index: number, drawn: GeneratedMusic): Promise<void>;
  /** What the threads run; only tests give another. */
  code?: string;
}

/**
 * Draws pieces on threads, one for each seed: what `drawPiece` draws.
 * @returns whether all were drawn; false when the signal ended it
 * @throws as `drawPiece` and `onPiece` do (of the classes of errors only those in src/errors.ts are kept), and an EtudeError when a
 *   thread ends before it is done
 */
export async function drawPieces(
  model: MusicModel,
  request: DrawingRequest,
  seeds: readonly number[],
  { threads, signal, onProgress, onPiece, code = PIECE_WORKER }: DrawPiecesOptions,
): Promise<boolean> {
  const init: DrawerInit = { model: { ...model, codec: model.codec.spec, history: [] }, request };
  const far = seeds.map(() => 0);
  let next = 0;
  let handed = Promise.resolve();
  const drawers = Array.from({ length: Math.min(threads, seeds.length) }, () => new Drawer(code, init));
  const stop = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const work = async (drawer: Drawer): Promise<void> => {
    while (next < seeds.length) {
      const index = next++;
      const tell = (done: number): void => {
        far[index] = done;
        onProgress(far.reduce((sum, each) => sum + each, 0));
      };
      const drawn = await drawer.draw(seeds[index], tell);
      handed = handed.then(() => (signal.aborted ? undefined : onPiece(index, drawn)));
      await handed;
    }
  };
  try {
    const all = Promise.all(drawers.map(work)).then(() => 'done' as const);
    all.catch(() => undefined);
    const how = await Promise.race([all, stop]);
    return how === 'done' && !signal.aborted;
  } finally {
    next = seeds.length;
    await Promise.all(drawers.map((drawer) => drawer.close()));
    // The piece that is being written is written to its end.
    await handed.catch(() => undefined);
  }
}

/** What a thread owes. */
interface Debt {
  tell(done: number): void;
  resolve(drawn: GeneratedMusic): void;
  reject(error: Error): void;
}

/** A thread that draws one piece after another. */
class Drawer {
  readonly #worker: Worker;
  #debt: Debt | undefined;
  #ended: Error | undefined;

  constructor(code: string, workerData: DrawerInit) {
    this.#worker = new Worker(code, { eval: true, workerData, name: 'etude-drawer' });
    this.#worker.on('message', (reply: DrawerReply) => {
      if ('done' in reply) this.#debt?.tell(reply.done);
      else if ('drawn' in reply) this.#debt?.resolve(reply.drawn);
      else this.#debt?.reject(reviveFailure(reply.failure));
    });
    for (const event of ['error', 'messageerror']) {
      this.#worker.on(event, (error: unknown) => {
        this.#end(messageOf(error));
      });
    }
    this.#worker.on('exit', (exitCode) => {
      this.#end(`it exited with code ${exitCode}`);
    });
  }

  draw(seed: number, tell: (done: number) => void): Promise<GeneratedMusic> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#debt = { tell, resolve, reject };
      this.#worker.postMessage(seed);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(reason: string): void {
    this.#ended ??= new EtudeError(
      `A generation thread ended early: ${reason}. Try again with fewer --threads, or with 1.`,
    );
    this.#debt?.reject(this.#ended);
  }
}
