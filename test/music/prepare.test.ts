import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/errors.ts';
import { noteTable, sliceTable, type NoteTable } from '../../src/midi/index.ts';
import { noteEvents, prepareData, windowsOf } from '../../src/music/prepare.ts';
import { Random } from '../../src/tensor/index.ts';
import { corpusOf, toyPiece, toySettings, toySong, toySongbook } from '../support/toy-music.ts';

const T = 8;

/** A table whose notes all have one step and one duration, in seconds. */
function even(length: number, step: number, duration = step, pitch = 60): NoteTable {
  return noteTable(
    Array.from({ length }, (_, i) => ({ pitch, velocity: 80, start: i * step, end: i * step + duration })),
  );
}

/** Each window of a side as the text of its inputs. */
function windowTexts(data: ReturnType<typeof prepareData>, side: 'train' | 'validation'): string[] {
  const windows = data[side]!;
  const batch = windows.createBatch(1, 'last');
  return Array.from({ length: windows.size }, (_, window) => {
    windows.fill(batch, [window]);
    return [...batch.categories.map((column) => column.join()), batch.features.join()].join(' ');
  });
}

describe('preparing a corpus', () => {
  it('divides it piece by piece, so that no window of one side comes from a piece of the other', () => {
    const corpus = toySongbook();
    const data = prepareData(corpus, toySettings('quick', { validation: 0.3 }));
    const names = (pieces: { name: string }[]) => pieces.map(({ name }) => name);
    expect(data.validationPieces).toHaveLength(3);
    expect([...names(data.trainPieces), ...names(data.validationPieces)].sort()).toEqual(names(corpus.pieces).sort());
    expect(data.splitBy).toBe('random pieces');
    expect(data.train.size).toBe(7 * (60 - T));
    expect(data.validation!.size).toBe(3 * (60 - T));
    // Each song is in a key of its own, so that its windows can be told from all others.
    const seen = new Set(windowTexts(data, 'train'));
    expect(windowTexts(data, 'validation').filter((text) => seen.has(text))).toEqual([]);
  });

  it('divides the same way for the same seed, and another way for some other', () => {
    const heldBack = (seed: number) =>
      prepareData(toySongbook(), toySettings('quick', { seed })).validationPieces.map(({ name }) => name);
    expect(heldBack(5)).toEqual(heldBack(5));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => heldBack(seed).join())).size).toBeGreaterThan(1);
  });

  it("keeps to a data set's own split, and its test pieces out of both sides", () => {
    const pieces = (['train', 'test', 'validation', 'train'] as const).map((split, i) =>
      toyPiece(`${split} ${i}`, toySong(50 + i, 40), split),
    );
    const data = prepareData(corpusOf(...pieces), toySettings('quick', { validation: 0.9 }));
    expect(data.splitBy).toBe('data set');
    expect(data.trainPieces.map(({ name }) => name)).toEqual(['train 0', 'train 3']);
    expect(data.validationPieces.map(({ name }) => name)).toEqual(['validation 2']);
  });

  it('names pieces that are too short for a window, and needs one note more than a window has', () => {
    const corpus = corpusOf(
      toyPiece('window', toySong(50, T)),
      toyPiece('a', toySong(60, T + 1)),
      toyPiece('b', toySong(62, T + 1)),
      toyPiece('nothing', toySong(64, 0)),
    );
    const data = prepareData(corpus, toySettings('quick'));
    expect(data.tooShort).toEqual(['songs/window.mid', 'songs/nothing.mid']);
    expect([data.train.size, data.validation!.size]).toEqual([1, 1]);
  });

  it('refuses a corpus in which nothing is long enough, and says how long it would have to be', () => {
    const corpus = corpusOf(toyPiece('a', toySong(60, T)), toyPiece('b', toySong(60, 3)));
    const prepare = (): unknown => prepareData(corpus, toySettings('quick'));
    expect(prepare).toThrow(DataError);
    expect(prepare).toThrow(/needs 9 notes, and the longest of 2 has 8\..*--seq-length/);
    expect(() => prepareData(corpusOf(), toySettings('quick'))).toThrow(DataError);
  });

  it('holds nothing back when told so', () => {
    const data = prepareData(toySongbook(), toySettings('quick', { validation: 0 }));
    expect(data.validation).toBeUndefined();
    expect(data.validationPieces).toEqual([]);
    expect(data.trainPieces).toHaveLength(10);
    expect(data.splitBy).toBe('nothing held back');
  });
});

describe('a single piece', () => {
  it('is divided within: the end is held back', () => {
    const song = toySong(60, 100);
    const data = prepareData(corpusOf(toyPiece('alone', song)), toySettings('quick', { validation: 0.2 }));
    expect(data.splitBy).toBe('end of each piece');
    expect(data.trainPieces[0].table).toEqual(sliceTable(song, 0, 80));
    expect(data.validationPieces[0].table).toEqual(sliceTable(song, 80));
  });

  it('leaves a window on both sides whenever it is long enough, and otherwise is trained on whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: T + 1, max: 60 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (length, validation) => {
          const corpus = corpusOf(toyPiece('alone', toySong(60, length)));
          const data = prepareData(corpus, toySettings('quick', { validation }));
          if (length < 2 * (T + 1)) {
            expect(data.validation).toBeUndefined();
            expect(data.train.size).toBe(length - T);
            expect(data.splitBy).toBe('nothing held back');
          } else {
            expect(data.train.size + data.validation!.size).toBe(length - 2 * T);
            expect(Math.min(data.train.size, data.validation!.size)).toBeGreaterThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('is divided even when the data set has test pieces beside it', () => {
    const corpus = corpusOf(toyPiece('a', toySong(60, 50), 'train'), toyPiece('t', toySong(62, 50), 'test'));
    const data = prepareData(corpus, toySettings('quick'));
    expect(data.splitBy).toBe('end of each piece');
    expect([...data.trainPieces, ...data.validationPieces].map(({ name }) => name)).toEqual(['a', 'a']);
  });
});

describe('the codec of prepared data', () => {
  it('is fitted on the training side only', () => {
    const corpus = corpusOf(
      toyPiece('a', even(40, 0.25), 'train'),
      toyPiece('b', even(40, 0.5), 'train'),
      toyPiece('c', even(40, 2), 'validation'),
    );
    const { codec } = prepareData(corpus, toySettings('quick'));
    expect(codec.spec.bins!.step!.centres).toEqual([0, 0.25, 0.5]);
    expect(codec.spec.bins!.duration!.centres).toEqual([0.25, 0.5]);
  });

  it('has no more bins than the settings allow', () => {
    const { codec, spec } = prepareData(toySongbook(), toySettings('quick', { bins: 2 }));
    expect(codec.spec.bins!.step!.centres).toHaveLength(2);
    expect(spec.heads[1]).toMatchObject({ name: 'step', size: 2 });
  });

  it('takes a corpus whose notes all have one length', () => {
    const corpus = corpusOf(toyPiece('a', even(40, 0.25)), toyPiece('b', even(40, 0.25)));
    const { spec } = prepareData(corpus, toySettings('quick'));
    expect(spec.heads.map((head) => head.kind === 'categorical' && head.size)).toEqual([128, 2, 1]);
  });

  it('encodes the windows of both sides', () => {
    const data = prepareData(toySongbook(), toySettings('quick'));
    const again = windowsOf(data.codec, data.spec, data.validationPieces, T);
    expect(again.size).toBe(data.validation!.size);
    const [one, other] = [data.validation!.createBatch(again.size, 'all'), again.createBatch(again.size, 'all')];
    const all = Array.from({ length: again.size }, (_, window) => window);
    data.validation!.fill(one, all);
    again.fill(other, all);
    expect(other).toEqual(one);
  });
});

describe('augmentation', () => {
  const plain = prepareData(toySongbook(), toySettings('quick'));
  const more = prepareData(toySongbook(), toySettings('quick', { transpose: 2, tempo: 0.1 }));

  it('leaves number and order of the windows as they are, and the held-back side altogether', () => {
    expect(more.train.size).toBe(plain.train.size);
    expect(windowTexts(more, 'train').map((text) => text.split(' ')[0])).toEqual(
      windowTexts(plain, 'train').map((text) => text.split(' ')[0]),
    );
    expect(more.validationPieces).toEqual(plain.validationPieces);
    expect(more.trainPieces).toEqual(plain.trainPieces);
    expect([more.train, more.validation!, plain.train].map(({ isVaried }) => isVaried)).toEqual([true, false, false]);
  });

  it('moves them when they are trained on', () => {
    const [batch, moved] = [more.train.createBatch(1, 'all'), more.train.createBatch(1, 'all')];
    more.train.fill(batch, [5]);
    const shifts = Array.from({ length: 40 }, (_, draw) => {
      more.train.fill(moved, [5], 0, () => Random.stream(draw, 'test'));
      const [shift, ...others] = moved.categories[0].map((pitch, t) => pitch - batch.categories[0][t]);
      for (const other of others) expect(other).toBe(shift);
      return shift;
    });
    expect(new Set(shifts)).toEqual(new Set([-2, -1, 0, 1, 2]));
  });

  it('fits the codec on the slowest and the fastest times as well', () => {
    const { centres } = more.codec.spec.bins!.step!;
    const away = (data: typeof plain, seconds: number) =>
      Math.min(...data.codec.spec.bins!.step!.centres.map((centre) => Math.abs(centre - seconds)));
    expect(centres.length).toBeGreaterThan(plain.codec.spec.bins!.step!.centres.length);
    for (const seconds of [0.25 / 1.1, 0.25, 0.25 * 1.1]) expect(away(more, seconds)).toBeLessThan(1e-12);
    expect(away(plain, 0.275)).toBeGreaterThan(0.01);
  });
});

describe('the primer of prepared data', () => {
  it('is the opening of a held-back piece, as long as a window', () => {
    const { primer, validationPieces } = prepareData(toySongbook(), toySettings('quick'));
    const [{ name, table }] = validationPieces;
    expect(primer).toEqual({ name, notes: noteEvents(table, T) });
    expect(primer.notes).toHaveLength(T);
  });

  it('comes from the training side when nothing was held back', () => {
    const { primer, trainPieces } = prepareData(toySongbook(), toySettings('quick', { validation: 0 }));
    expect(primer).toEqual({ name: trainPieces[0].name, notes: noteEvents(trainPieces[0].table, T) });
  });
});

describe('notes as events', () => {
  it('are rows of the table, and never more than there are', () => {
    const table = toySong(60, 5);
    expect(noteEvents(table)).toHaveLength(5);
    expect(noteEvents(table, 99)).toEqual(noteEvents(table));
    expect(noteEvents(table, 2)[1]).toEqual({
      pitch: table.pitch[1],
      step: table.step[1],
      duration: table.duration[1],
      velocity: table.velocity[1],
    });
  });
});
