import type { StopSignal } from '../stop-signal.ts';

/** Work that lets others have their turns, and can be watched and stopped. */
export interface InTurns {
  /** Hears now and then what part is done, from 0 to 1; never, when it is done at once. */
  onProgress?: (part: number) => void;
  /** Ends the work when it is aborted. */
  signal?: StopSignal;
}

/** Work in pieces: gives the part that is done after each, from 0 to 1, and at last its result. */
export type Pieces<T> = Generator<number, T, void>;

/** Milliseconds after which somebody else has a turn. */
const BREATH = 40;

/** Does all pieces at once. */
export function atOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/**
 * Does the pieces without keeping the thread: between them whatever else is due has its turn.
 * @throws the reason of `signal` when it is aborted before the end
 */
export async function inTurns<T>(pieces: Pieces<T>, { onProgress, signal }: InTurns = {}): Promise<T> {
  let paused = performance.now();
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
    if (performance.now() - paused < BREATH) continue;
    onProgress?.(value);
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
    paused = performance.now();
  }
}

/** Pieces that are part of other work: from `from` to `to` of it. */
export function* within<T>(pieces: Pieces<T>, from: number, to: number): Pieces<T> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
    yield from + (to - from) * value;
  }
}
