import { describe, expect, it } from 'vitest';
import { EngineClient, type WorkerPort } from '../../../src/pages/studio/engine-client.ts';
import { Latest } from '../../../src/pages/studio/latest.ts';
import { kindOf } from '../../../src/pages/studio/music.ts';
import type { AskMessage, TellMessage } from '../../../src/pages/studio/protocol.ts';

/** A worker that keeps what it is asked. */
class FakeWorker implements WorkerPort {
  onmessage: WorkerPort['onmessage'] = null;
  onerror: WorkerPort['onerror'] = null;
  readonly asked: AskMessage[] = [];

  postMessage(message: unknown): void {
    this.asked.push(message as AskMessage);
  }

  tell(data: TellMessage): void {
    this.onmessage!({ data });
  }
}

describe('the wire to the engine', () => {
  it('gives each call its own answer, in whatever order they come', async () => {
    const worker = new FakeWorker();
    const client = new EngineClient(worker);
    const first = client.ask('save', undefined);
    const second = client.ask('notesOf', {
      path: 'a',
      instrument: 'first',
      compat: null,
      charset: null,
      sustain: false,
      chords: 0,
    });
    const [one, two] = worker.asked;
    expect([one.call, two.call]).toEqual(['save', 'notesOf']);
    worker.tell({ id: two.id, reply: [] });
    worker.tell({ id: one.id, reply: Uint8Array.of(7) });
    expect(await second).toEqual([]);
    expect(await first).toEqual(Uint8Array.of(7));
  });

  it('throws the sentence that the worker gave', async () => {
    const worker = new FakeWorker();
    const asked = new EngineClient(worker).ask('pause', undefined);
    worker.tell({ id: worker.asked[0].id, error: { name: 'UsageError', message: 'no network yet' } });
    await expect(asked).rejects.toMatchObject({ name: 'UsageError', message: 'no network yet' });
  });

  it('tells events to all who listen', () => {
    const worker = new FakeWorker();
    const client = new EngineClient(worker);
    const heard: number[] = [];
    client.on('paused', ({ step }) => heard.push(step));
    client.on('paused', ({ step }) => heard.push(-step));
    worker.tell({ event: 'paused', detail: { step: 3 } });
    worker.tell({ event: 'epoch', detail: {} });
    expect(heard).toEqual([3, -3]);
  });

  it('lets nobody wait for a worker that has failed', async () => {
    const worker = new FakeWorker();
    const client = new EngineClient(worker);
    const troubles: string[] = [];
    client.on('trouble', ({ message }) => troubles.push(message));
    const asked = client.ask('save', undefined);
    worker.onerror!({ message: 'out of memory' });
    await expect(asked).rejects.toThrow(/out of memory.*Reload/);
    expect(troubles).toHaveLength(1);
  });
});

describe('the newest of many requests', () => {
  it('runs one at a time, and of those that wait only the last', async () => {
    const ran: number[] = [];
    let release: () => void = () => undefined;
    const latest = new Latest<number>(async (request) => {
      ran.push(request);
      await new Promise<void>((resolve) => (release = resolve));
    });
    for (let request = 1; request <= 5; request++) latest.ask(request);
    expect(ran).toEqual([1]);
    release();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(ran).toEqual([1, 5]);
    release();
    await new Promise((resolve) => setTimeout(resolve, 0));
    latest.ask(6);
    expect(ran).toEqual([1, 5, 6]);
  });
});

describe('a dropped file', () => {
  it.each([
    ['Music/a.MID', 'music'],
    ['b.kar', 'music'],
    ['b.smf', 'music'],
    ['best.safetensors', 'model'],
    ['piano.sf3', 'soundFont'],
    ['notes.txt', 'other'],
  ])('%s is taken as %s', (path, kind) => {
    expect(kindOf(path)).toBe(kind);
  });
});
