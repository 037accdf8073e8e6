import { DataError, UsageError } from '../../errors.ts';
import { sliceTable } from '../table.ts';
import type { Piece } from './types.ts';

/** What is held back for validation. */
export interface SplitOptions {
  /** The part of the pieces (with `withinPiece`: of each piece's notes) that is held back, from 0 up to, not including, 1. */
  validation: number;
  /** Numbers in [0, 1), from a seeded stream if the split is to be the same again. */
  random: () => number;
  /**
   * Hold back the end of each piece instead of whole pieces. The only way with a single piece; but a network that
   * knows a piece's beginning has an easy time with its end, so the validation loss flatters.
   * @default false
   */
  withinPiece?: boolean;
}

/** Pieces to train on, to validate on and to test on. */
export interface Split {
  train: Piece[];
  validation: Piece[];
  /** The data set's own test pieces; neither trained nor validated on. */
  test: Piece[];
  /** How the two were told apart, for the report. */
  by: 'data set' | 'random pieces' | 'end of each piece' | 'nothing held back';
}

/**
 * Divides pieces into training and validation, piece by piece, so that no melody is on both sides. Where every piece
 * carries the data set's own split and both sides have pieces, that split is used and the fraction does not matter
 * (except that a fraction of 0 holds nothing back). Otherwise pieces are drawn at random, at least one for each side.
 * Pieces that the data set marks `test` are kept apart in every case. The order within each side is that of the pieces.
 * @throws UsageError when the fraction is not in [0, 1).
 * @throws DataError when there are no pieces to train on, only one and `withinPiece` was not asked for, or none with
 * two notes for `withinPiece`.
 */
export function splitByPiece(pieces: readonly Piece[], options: SplitOptions): Split {
  const { validation: fraction, random, withinPiece = false } = options;
  if (!(fraction >= 0 && fraction < 1)) {
    throw new UsageError(`validation: expected a fraction from 0 up to, not including, 1, got ${fraction}.`);
  }
  const test = pieces.filter(({ split }) => split === 'test');
  const usable = pieces.filter(({ split }) => split !== 'test');
  if (usable.length === 0) throw new DataError('there is no piece to train on: add MIDI files.');
  if (withinPiece && fraction > 0) return { ...splitWithin(usable, fraction), test };
  const own = splitByDataSet(usable);
  if (fraction === 0) return { train: own?.train ?? usable, validation: [], test, by: 'nothing held back' };
  return { ...(own ?? splitAtRandom(usable, fraction, random)), test };
}

type Sides = Omit<Split, 'test'>;

function splitByDataSet(pieces: Piece[]): Sides | undefined {
  const train = pieces.filter(({ split }) => split === 'train');
  const validation = pieces.filter(({ split }) => split === 'validation');
  const complete = train.length + validation.length === pieces.length && train.length > 0 && validation.length > 0;
  return complete ? { train, validation, by: 'data set' } : undefined;
}

function splitAtRandom(pieces: Piece[], fraction: number, random: () => number): Sides {
  if (pieces.length === 1) {
    throw new DataError(
      `one piece (${pieces[0].path}) cannot be divided by piece: add more files, hold back the end of the piece ` +
        `(withinPiece), or hold back nothing (validation 0).`,
    );
  }
  const count = Math.min(pieces.length - 1, Math.max(1, Math.round(pieces.length * fraction)));
  const held = new Set(shuffled(pieces.length, random).slice(0, count));
  return {
    train: pieces.filter((_, i) => !held.has(i)),
    validation: pieces.filter((_, i) => held.has(i)),
    by: 'random pieces',
  };
}

/** 0 to length - 1 in random order (Fisher and Yates). */
function shuffled(length: number, random: () => number): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function splitWithin(pieces: Piece[], fraction: number): Sides {
  const sides: Sides = { train: [], validation: [], by: 'end of each piece' };
  for (const piece of pieces) {
    const { length } = piece.table;
    const at = Math.max(1, Math.min(length - 1, Math.round(length * (1 - fraction))));
    sides.train.push({ ...piece, table: sliceTable(piece.table, 0, Math.min(at, length)) });
    if (at < length) sides.validation.push({ ...piece, table: sliceTable(piece.table, at) });
  }
  if (sides.validation.length === 0) {
    throw new DataError('no piece has the two notes that it takes to be divided: add longer files.');
  }
  return sides;
}
