import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DataError, UsageError } from '../../../src/errors.ts';
import { splitByPiece } from '../../../src/midi/corpus/split.ts';
import type { Piece } from '../../../src/midi/corpus/types.ts';
import { melody, pieceOf } from '../arbitrary-notes.ts';

/** A small seeded generator, so that the tests need no other part of the project (Lehmer, modulus 2^31 - 1). */
function seeded(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function pieces(count: number, split?: (i: number) => Piece['split']): Piece[] {
  return Array.from({ length: count }, (_, i) => pieceOf(`p${i}`, melody([60, 62, 64, 65]), split?.(i)));
}

describe('a split by piece', () => {
  it('puts every piece on one side, both sides filled, in the order of the pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.nat(),
        (count, validation, seed) => {
          const all = pieces(count);
          const split = splitByPiece(all, { validation, random: seeded(seed) });
          expect(split.by).toBe('random pieces');
          expect(split.train.length).toBeGreaterThan(0);
          expect(split.validation.length).toBeGreaterThan(0);
          expect(Math.abs(split.validation.length - count * validation)).toBeLessThan(1.0001);
          const held = new Set(split.validation);
          expect(split.train).toEqual(all.filter((piece) => !held.has(piece)));
          expect(split.validation).toEqual(all.filter((piece) => held.has(piece)));
        },
      ),
    );
  });

  it('is the same for the same seed and another for another', () => {
    const held = (seed: number): string[] =>
      splitByPiece(pieces(40), { validation: 0.25, random: seeded(seed) }).validation.map(({ name }) => name);
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
  });

  it('draws every piece as often as any other', () => {
    const random = seeded(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const [{ name }] = splitByPiece(pieces(6), { validation: 0.1, random }).validation;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    // 500 expected each, standard deviation 20.4; five of those either way.
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(102);
    expect(counts.size).toBe(6);
  });

  it('is that of the data set where every piece has one, whatever the fraction', () => {
    const all = pieces(9, (i) => (['train', 'validation', 'test'] as const)[i % 3]);
    const split = splitByPiece(all, { validation: 0.9, random: seeded(1) });
    expect(split.by).toBe('data set');
    for (const side of ['train', 'validation', 'test'] as const) {
      expect(split[side].map((piece) => piece.split)).toEqual([side, side, side]);
    }
  });

  it('is drawn where a piece has none or a side would be empty, but never from the test pieces', () => {
    const some = pieces(9, (i) => (i === 0 ? undefined : i < 3 ? 'test' : i < 6 ? 'train' : 'validation'));
    const noValidation = pieces(9, (i) => (i < 3 ? 'test' : 'train'));
    for (const all of [some, noValidation]) {
      const split = splitByPiece(all, { validation: 0.3, random: seeded(1) });
      expect(split.by).toBe('random pieces');
      expect(split.test.every((piece) => piece.split === 'test')).toBe(true);
      expect([...split.train, ...split.validation].some((piece) => piece.split === 'test')).toBe(false);
      expect(split.train.length + split.validation.length + split.test.length).toBe(9);
    }
  });

  it('holds nothing back for a fraction of 0, and still keeps the data set from training on its validation', () => {
    const random = seeded(1);
    expect(splitByPiece(pieces(1), { validation: 0, random })).toMatchObject({
      train: [{ name: 'p0' }],
      validation: [],
      by: 'nothing held back',
    });
    const own = splitByPiece(
      pieces(4, (i) => (i < 3 ? 'train' : 'validation')),
      { validation: 0, random },
    );
    expect(own.train).toHaveLength(3);
    expect(own.validation).toEqual([]);
  });

  it('refuses a single piece and says what can be done', () => {
    const split = (): unknown => splitByPiece(pieces(1), { validation: 0.2, random: seeded(1) });
    expect(split).toThrow(DataError);
    expect(split).toThrow(/one piece \(music\/p0\.mid\).*add more files.*withinPiece.*validation 0/);
  });

  it('refuses no pieces and fractions that are none', () => {
    expect(() => splitByPiece([], { validation: 0.2, random: seeded(1) })).toThrow(DataError);
    expect(() =>
      splitByPiece(
        pieces(2, () => 'test'),
        { validation: 0.2, random: seeded(1) },
      ),
    ).toThrow(DataError);
    for (const validation of [-0.1, 1, 20, NaN]) {
      expect(() => splitByPiece(pieces(4), { validation, random: seeded(1) })).toThrow(UsageError);
    }
  });
});

describe('a split within pieces', () => {
  it('holds back the end of each, and loses no note', () => {
    const piece = pieceOf('a', melody([60, 61, 62, 63, 64, 65, 66, 67, 68, 69]));
    const split = splitByPiece([piece], { validation: 0.3, random: seeded(1), withinPiece: true });
    expect(split.by).toBe('end of each piece');
    expect([...split.train[0].table.pitch]).toEqual([60, 61, 62, 63, 64, 65, 66]);
    expect([...split.validation[0].table.pitch]).toEqual([67, 68, 69]);
    expect([...split.validation[0].table.step]).toEqual([0, 0.5, 0.5]);
    expect(split.validation[0].path).toBe('music/a.mid');
  });

  it('keeps at least one note on each side of a piece that has two', () => {
    const piece = pieceOf('a', melody([60, 61]));
    for (const validation of [0.001, 0.999]) {
      const split = splitByPiece([piece], { validation, random: seeded(1), withinPiece: true });
      expect([split.train[0].table.length, split.validation[0].table.length]).toEqual([1, 1]);
    }
  });

  it('is refused when no piece is long enough', () => {
    const piece = pieceOf('a', melody([60]));
    expect(() => splitByPiece([piece], { validation: 0.2, random: seeded(1), withinPiece: true })).toThrow(DataError);
  });
});
