import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Keeper, type Kept, type Shelf } from '../../../src/pages/studio/keep.ts';
import { Keeping, questionFor } from '../../../src/pages/studio/keeping.ts';
import type { EngineEvents, MusicFile } from '../../../src/pages/studio/protocol.ts';
import { INITIAL_STATE, Store } from '../../../src/pages/studio/state.ts';

const SONG: MusicFile = { path: 'song.mid', bytes: Uint8Array.of(1, 2) };

/** A shelf in memory, which can be full, and counts what is written. */
class MemoryShelf implements Shelf {
  things = new Map<string, unknown>();
  written: string[][] = [];
  full = false;

  read(names: readonly string[]): Promise<unknown[]> {
    return Promise.resolve(names.map((name) => this.things.get(name)));
  }

  write(entries: Record<string, unknown>): Promise<void> {
    if (this.full) return Promise.reject(new DOMException('full', 'QuotaExceededError'));
    this.written.push(Object.keys(entries));
    for (const [name, value] of Object.entries(entries)) this.things.set(name, value);
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.things.clear();
    return Promise.resolve();
  }
}

/** The sentences that stand on the page, and the answers to a question. */
class Sentences {
  standing = new Map<string, string | undefined>();
  errors = 0;
  answers: Record<string, () => void> = {};
  question = '';

  error(text: string, about?: string): void {
    this.errors++;
    this.standing.set(text, about);
  }

  note(text: string, about?: string): void {
    this.standing.set(text, about);
  }

  offer(text: string, actions: Record<string, () => void>): void {
    this.question = text;
    this.answers = actions;
  }

  gone(about: string): void {
    for (const [text, of] of this.standing) if (of === about) this.standing.delete(text);
  }
}

/** A visit to the page: one network, whose step goes up whenever it is told. */
function visit(shelf: Shelf, onlyTab = (): Promise<void> => Promise.resolve()) {
  const listeners = new Map<string, () => void>();
  let step = 0;
  const engine = {
    ask: vi.fn(() => Promise.resolve({ model: Uint8Array.of(step), step })),
    on: (event: keyof EngineEvents, listener: never) => void listeners.set(event, listener),
  };
  const messages = new Sentences();
  const store = new Store(INITIAL_STATE);
  const keeper = new Keeper(shelf);
  const keeping = new Keeping({ engine: engine as never, store, keeper, messages, also: () => ({}), onlyTab });
  const train = (): void => {
    step++;
    listeners.get('steps')!();
  };
  return { keeping, keeper, store, messages, engine, train };
}

const never = (): Promise<void> => Promise.reject(new Error('nothing is to be brought back'));
const kept = (shelf: MemoryShelf): Kept => shelf.things.get('page') as Kept;

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 4, 3, 12, 31) }));
afterEach(() => void vi.useRealTimers());

describe('keeping the page', () => {
  it('writes soon after a change, then every few seconds while there are more, and not when there is none', async () => {
    const shelf = new MemoryShelf();
    const { keeping, train } = visit(shelf);
    await keeping.begin(never);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shelf.written).toEqual([]);
    for (let tenth = 0; tenth < 100; tenth++) {
      train();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(shelf.written.length).toBeGreaterThanOrEqual(3);
    expect(shelf.written.length).toBeLessThanOrEqual(5);
    await vi.advanceTimersByTimeAsync(3000);
    expect(kept(shelf)).toMatchObject({ step: 100, model: Uint8Array.of(100) });
    const { length } = shelf.written;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shelf.written).toHaveLength(length);
  });

  it('writes at once when the page may be about to go', async () => {
    const shelf = new MemoryShelf();
    const { keeping, train } = visit(shelf);
    await keeping.begin(never);
    train();
    await keeping.hurry();
    expect(kept(shelf).step).toBe(1);
    await keeping.hurry();
    expect(shelf.written).toHaveLength(1);
  });

  it('writes the music only when it has become another', async () => {
    const shelf = new MemoryShelf();
    const { keeping, train } = visit(shelf);
    await keeping.begin(never);
    keeping.music = [SONG];
    keeping.networkTaken();
    await keeping.hurry();
    train();
    await keeping.hurry();
    expect(shelf.written).toEqual([['page', 'music'], ['page']]);
    expect(shelf.things.get('music')).toEqual([SONG]);
  });

  it('writes what the network has learned from, where the page has other music by now', async () => {
    const shelf = new MemoryShelf();
    const { keeping, keeper } = visit(shelf);
    await keeping.begin(never);
    keeping.music = [SONG];
    keeping.networkTaken();
    await keeping.hurry();
    expect((await keeper.load())!.learnedFrom).toBeUndefined();
    keeping.music = [];
    await keeping.hurry();
    expect(await keeper.load()).toMatchObject({ music: [], learnedFrom: [SONG] });
    keeping.networkTaken();
    await keeping.hurry();
    expect((await keeper.load())!.learnedFrom).toBeUndefined();
  });

  it('says once that there is no room, tries again now and then, and takes it back when there is', async () => {
    const shelf = new MemoryShelf();
    const { keeping, train, messages } = visit(shelf);
    await keeping.begin(never);
    shelf.full = true;
    for (let second = 0; second < 150; second++) {
      train();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(messages.errors).toBe(1);
    expect([...messages.standing.keys()]).toEqual([expect.stringContaining('no room to keep')]);
    shelf.full = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(messages.standing.size).toBe(0);
    expect(kept(shelf).step).toBe(150);
  });

  it('leaves what was kept where the network cannot be had', async () => {
    const shelf = new MemoryShelf();
    const { keeping, train, engine, messages } = visit(shelf);
    await keeping.begin(never);
    train();
    await keeping.hurry();
    engine.ask.mockRejectedValueOnce(new Error('diverged'));
    train();
    await keeping.hurry();
    expect([kept(shelf).step, messages.errors]).toEqual([1, 0]);
  });
});

describe('the next visit', () => {
  async function trained(): Promise<MemoryShelf> {
    const shelf = new MemoryShelf();
    const { keeping, store, train } = visit(shelf);
    await keeping.begin(never);
    store.set({ preset: 'quick' });
    keeping.music = [SONG];
    train();
    await keeping.hurry();
    return shelf;
  }

  it('is offered what was kept, writes nothing before the answer, and goes on with it', async () => {
    const shelf = await trained();
    const { keeping, train, messages } = visit(shelf);
    const goOn = vi.fn(() => Promise.resolve());
    await keeping.begin(goOn);
    expect(messages.question).toMatch(/^Go on with the network of 12:31 \(step 1\)\?/);
    for (let step = 0; step < 5; step++) train();
    await keeping.hurry();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(shelf.written).toHaveLength(1);
    messages.answers['Go on']();
    await vi.advanceTimersByTimeAsync(5000);
    expect(goOn).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ step: 1, address: 'preset=quick', music: [SONG] })); // prettier-ignore
    expect(kept(shelf).step).toBe(5);
  });

  it('forgets it when that is chosen', async () => {
    const shelf = await trained();
    const { keeping, messages } = visit(shelf);
    await keeping.begin(never);
    messages.answers['Begin anew']();
    await vi.advanceTimersByTimeAsync(0);
    expect(shelf.things.size).toBe(0);
    const third = visit(shelf);
    await third.keeping.begin(never);
    expect(third.messages.question).toBe('');
  });

  it('is asked again, and nothing is lost, where it cannot be brought back', async () => {
    const shelf = await trained();
    const { keeping, messages, train } = visit(shelf);
    await keeping.begin(() => Promise.reject(new Error('torn')));
    messages.answers['Go on']();
    messages.question = '';
    train();
    await vi.advanceTimersByTimeAsync(5000);
    expect([...messages.standing.keys()]).toEqual(['torn']);
    expect(messages.question).toContain('step 1');
    expect(kept(shelf).step).toBe(1);
  });

  it('is not asked for what the page has by itself', async () => {
    const shelf = new MemoryShelf();
    const { keeping, store } = visit(shelf);
    await keeping.begin(never);
    store.setView({ piece: 'songbook/twinkle.mid' });
    await keeping.hurry();
    expect(shelf.written).toHaveLength(1);
    const next = visit(shelf);
    await next.keeping.begin(never);
    expect(next.messages.question).toBe('');
  });

  it('says that another tab is open, writes nothing beside it, and takes over when it has gone', async () => {
    const shelf = await trained();
    let closeOther = (): void => undefined;
    const other = new Promise<void>((resolve) => (closeOther = resolve));
    const { keeping, messages, train } = visit(shelf, () => other);
    const begun = keeping.begin(never);
    train();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([...messages.standing.keys()]).toEqual([expect.stringContaining('Another tab')]);
    expect(messages.question).toBe('');
    expect(shelf.written).toHaveLength(1);
    closeOther();
    await begun;
    expect(messages.standing.size).toBe(0);
    expect(messages.question).toContain('Go on');
  });

  it('is told the day, where that was another, and of settings where nothing was learned', () => {
    const at = new Date(2026, 4, 3, 12, 31).getTime();
    const nextDay = new Date(2026, 4, 4, 9, 0);
    expect(questionFor({ at, step: 1250, music: [] }, nextDay)).toBe(
      'Go on with the network of May 3, 12:31 (step 1,250)?',
    );
    expect(questionFor({ at, step: 0, music: [SONG] }, new Date(at))).toBe(
      'Go on with the settings and 1 file of music of 12:31?',
    );
  });
});

it('keeps nothing, without a word, where the browser cannot be asked what was kept', async () => {
  const shelf: Shelf = { read: never, write: never, clear: never } as never;
  expect(await new Keeper(shelf).load()).toBeUndefined();
});
