import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { EtudeError } from '../../../../src/errors.ts';
import { readPiece, type ReadPieceOptions } from '../../../../src/midi/corpus/read-piece.ts';
import { describeFailure } from '../../../../src/midi/corpus/threads/protocol.ts';
import { ReaderPool, ReaderThreadError } from '../../../../src/midi/corpus/threads/reader-pool.ts';
import { READER_WORKER } from '../../../../src/midi/corpus/threads/reader-worker.generated.ts';
import { anyNotes } from '../../arbitrary-notes.ts';
import { midiBytes, midiOfNotes } from '../temporary-music.ts';

/** Threads that are ended when the test is over. */
function poolOf(size: number, options: ReadPieceOptions = {}, code?: string): ReaderPool {
  const pool = new ReaderPool(size, options, code);
  onTestFinished(() => pool.close());
  return pool;
}

/** A reading, or why there is none, in a form that can be compared. */
async function outcomeOf(read: () => unknown): Promise<unknown> {
  try {
    return await read();
  } catch (thrown) {
    const { kind, message } = describeFailure(thrown);
    return { kind, message };
  }
}

/** Code of a thread that answers each file with a table of one start: its own number. */
const COUNTING = `const { parentPort, threadId } = require('node:worker_threads');
  parentPort.on('message', () => parentPort.postMessage({ reading: { table: { start: threadId } } }));`;

describe('threads that read pieces', () => {
  it('give what this thread gives, for any notes', async () => {
    const pool = poolOf(2);
    await fc.assert(
      fc.asyncProperty(fc.array(anyNotes, { maxLength: 4 }), async (pieces) => {
        const files = pieces.map((notes) => midiOfNotes(notes));
        expect(await Promise.all(files.map((bytes) => pool.read(bytes)))).toEqual(
          files.map((bytes) => readPiece(bytes)),
        );
      }),
    );
  });

  it('give what this thread gives, or the same error, for every hostile file', async () => {
    const folder = resolve(import.meta.dirname, '../../../fixtures/hostile');
    const files = readdirSync(folder).filter((name) => name.endsWith('.mid'));
    const pool = poolOf(3);
    const outcomes = await Promise.all(
      files.map((name) => outcomeOf(() => pool.read(readFileSync(join(folder, name))))),
    );
    for (const [i, name] of files.entries()) {
      expect(outcomes[i], name).toEqual(await outcomeOf(() => readPiece(readFileSync(join(folder, name)))));
    }
    expect(outcomes.filter((outcome) => 'kind' in (outcome as object)).length).toBeGreaterThan(3);
  });

  it('heed the options', async () => {
    const bytes = midiBytes([60, 62], [36, 38, 40]);
    for (const options of [
      { instrument: { by: 'index', index: 1 } },
      { instrument: { by: 'index', index: -1 } },
      { instrument: { by: 'drums' } },
      { maxBytes: 20 },
    ] as const) {
      const pool = poolOf(1, options);
      expect(await outcomeOf(() => pool.read(bytes))).toEqual(await outcomeOf(() => readPiece(bytes, options)));
    }
  });

  it('leave the bytes alone, and hand over columns of their own', async () => {
    const pool = poolOf(1);
    const bytes = midiBytes([60, 62, 64]);
    const before = Uint8Array.from(bytes);
    const { table } = await pool.read(bytes);
    expect(bytes).toEqual(before);
    expect(
      new Set([table.pitch, table.velocity, table.start, table.step, table.duration].map((c) => c.buffer)).size,
    ).toBe(5);
  });

  it('share the work', async () => {
    const pool = poolOf(3, {}, COUNTING);
    const readings = await Promise.all(Array.from({ length: 9 }, () => pool.read(new Uint8Array(10))));
    const threads = readings.map(({ table }) => Number(table.start));
    expect(new Set(threads).size).toBe(3);
    for (const thread of threads) expect(threads.filter((other) => other === thread)).toHaveLength(3);
  });
});

describe('a thread that ends by itself', () => {
  const ways = {
    'throws at the start': `throw new Error('no luck')`,
    'throws at a file': `require('node:worker_threads').parentPort.on('message', () => { throw new Error('no luck'); })`,
    'exits at a file': `require('node:worker_threads').parentPort.on('message', () => process.exit(7))`,
    'never listens': `0`,
    'cannot find the parser': `require('node:module').createRequire('file:///nowhere/x.js')('midi-parser-js')`,
  };

  it.each(Object.entries(ways))('is an error for all that it owes, and no hang: it %s', async (_way, code) => {
    const pool = poolOf(1, {}, code);
    const owed = [1, 2, 3].map(() => pool.read(midiBytes([60, 62])));
    for (const reading of await Promise.allSettled(owed)) {
      expect(reading.status).toBe('rejected');
      const { reason } = reading as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(ReaderThreadError);
      expect(reason).toBeInstanceOf(EtudeError);
      expect(String(reason)).toMatch(/ended before it was done: .*Try again with fewer threads/s);
    }
    await expect(pool.read(midiBytes([60]))).rejects.toThrow(ReaderThreadError);
  });
});

describe('closing', () => {
  it('ends a thread whatever it is doing, and rejects what it owes', async () => {
    const pool = new ReaderPool(1, {}, `require('node:worker_threads').parentPort.on('message', () => { for (;;); })`);
    const owed = pool.read(new Uint8Array(1)).catch((error: unknown) => error);
    await setTimeout(100);
    await pool.close();
    expect(await owed).toBeInstanceOf(ReaderThreadError);
  });
});

describe('the code of the threads', () => {
  it('holds nothing of midi-parser-js, which is loaded when it runs', () => {
    const parser = readFileSync(createRequire(import.meta.url).resolve('midi-parser-js'), 'utf8');
    expect(READER_WORKER).toContain('require("midi-parser-js")');
    const lines = parser.split('\n').map((line) => line.trim()).filter((line) => line.length > 30); // prettier-ignore
    expect(lines.length).toBeGreaterThan(50);
    expect(
      lines.filter((line) => READER_WORKER.includes(line.replaceAll(' ', '')) || READER_WORKER.includes(line)),
    ).toEqual([]);
    for (const name of ['readIntVLV', 'movePointer']) {
      expect(parser).toContain(name);
      expect(READER_WORKER).not.toContain(name);
    }
  });
});
