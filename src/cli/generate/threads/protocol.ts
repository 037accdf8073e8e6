import type { CodecSpec } from '../../../midi/index.ts';
import type { ReaderFailure } from '../../../midi/corpus/threads/protocol.ts';
import type { GeneratedMusic, MusicModel } from '../../../music/index.ts';
import type { DrawingRequest } from '../draw-piece.ts';

/** What a thread that draws pieces is started with. */
export interface DrawerInit {
  /** A model without its classes, which are lost between threads. */
  model: Omit<MusicModel, 'codec'> & { codec: CodecSpec };
  request: DrawingRequest;
}

/** What it answers to a seed: how far it is, again and again, and then the piece, or what went wrong. */
export type DrawerReply = { done: number } | { drawn: GeneratedMusic } | { failure: ReaderFailure };
