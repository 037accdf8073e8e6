// The entry of a thread that reads pieces; scripts/build-workers.mjs bundles it into reader-worker.generated.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { readPiece } from '../read-piece.ts';
import { describeFailure, type ReaderInit, type ReaderReply } from './protocol.ts';

const { options } = workerData as ReaderInit;

parentPort!.on('message', (bytes: Uint8Array) => {
  const reply = replyTo(bytes);
  parentPort!.postMessage(reply, 'reading' in reply ? buffersOf(reply.reading) : []);
});

function replyTo(bytes: Uint8Array): ReaderReply {
  try {
    return { reading: readPiece(bytes, options) };
  } catch (thrown) {
    return { failure: describeFailure(thrown) };
  }
}

/** The columns of a table and the pedal change hands; they are not copied. */
function buffersOf({ table, pedal }: { table: object; pedal?: object }): ArrayBuffer[] {
  const columns = [...Object.values(table), pedal].filter((column) => ArrayBuffer.isView(column));
  return [...new Set(columns.map(({ buffer }) => buffer as ArrayBuffer))];
}
