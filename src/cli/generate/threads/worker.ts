// The entry of a thread that draws pieces; scripts/build-workers.mjs bundles it into worker.generated.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { describeFailure } from '../../../midi/corpus/threads/protocol.ts';
import { Codec } from '../../../midi/index.ts';
import { drawPiece } from '../draw-piece.ts';
import type { DrawerInit, DrawerReply } from './protocol.ts';

/** Milliseconds between two words about how far it is: as often as a bar is drawn. */
const PAUSE = 100;

const { model: plain, request } = workerData as DrawerInit;
const model = { ...plain, codec: new Codec(plain.codec) };
const answer = (reply: DrawerReply): void => parentPort!.postMessage(reply);

parentPort!.on('message', (seed: number) => {
  let told = performance.now();
  let far = 0;
  try {
    const drawn = drawPiece(model, request, seed, (done) => {
      far = done;
      if (performance.now() - told < PAUSE) return;
      told = performance.now();
      answer({ done });
    });
    answer({ done: far });
    answer({ drawn });
  } catch (thrown) {
    answer({ failure: describeFailure(thrown) });
  }
});
