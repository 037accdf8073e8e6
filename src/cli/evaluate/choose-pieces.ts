import { DataError } from '../../errors.ts';
import type { Piece } from '../../midi/index.ts';
import type { MusicModel } from '../../music/index.ts';
import { counted } from '../../text/words.ts';

export type Side = 'all' | 'train' | 'validation' | 'test';

/** What is evaluated on. */
export interface Chosen {
  pieces: Piece[];
  side: Side | 'untrained';
  words: string;
}

/**
 * The pieces of one side. Data with a split of their own are divided by it; others by what the model remembers of its
 * training.
 * @throws DataError when there are none
 */
export function choosePieces(model: MusicModel, pieces: readonly Piece[], split: Side | undefined): Chosen {
  const own = pieces.some((piece) => piece.split !== undefined);
  const chosen = pieces.filter((piece) => isOn(split ?? (own ? 'validation' : 'untrained'), model, piece, own));
  if (chosen.length === 0 && split === undefined && !own) {
    return {
      pieces: [...pieces],
      side: 'all',
      words: `all ${counted(pieces.length, 'piece')}: the model knows every one`,
    };
  }
  if (chosen.length === 0) {
    const by = own ? 'by the split of the data' : 'by what the model remembers of its training';
    throw new DataError(
      `none of the ${counted(pieces.length, 'piece')} is on the side "${split ?? 'validation'}", ${by}. Try --split all.`,
    );
  }
  const side = split ?? (own ? 'validation' : 'untrained');
  const words = {
    all: counted(chosen.length, 'piece'),
    untrained: `${counted(chosen.length, 'piece')} that it was not trained on`,
    train: `the ${counted(chosen.length, 'piece')} of the training side`,
    validation: `the ${counted(chosen.length, 'piece')} of the validation side`,
    test: `the ${counted(chosen.length, 'piece')} of the test side`,
  }[side];
  return { pieces: chosen, side, words };
}

function isOn(side: Side | 'untrained', model: MusicModel, { split, digest }: Piece, own: boolean): boolean {
  if (side === 'all') return true;
  const trained = model.data.train.includes(digest) || (model.from?.trainedOn.includes(digest) ?? false);
  const validated = model.data.validation.includes(digest);
  if (side === 'untrained') return !trained;
  if (own) return (split ?? 'train') === side;
  return { train: trained, validation: validated && !trained, test: !trained && !validated }[side];
}

/** How many of the pieces the model was trained on, or one with whose weights it began. */
export function countTrained({ data, from }: Pick<MusicModel, 'data' | 'from'>, pieces: readonly Piece[]): number {
  const trained = new Set([...data.train, ...(from?.trainedOn ?? [])]);
  return pieces.filter(({ digest }) => trained.has(digest)).length;
}
