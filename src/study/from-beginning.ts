import type { NoteTable } from '../midi/index.ts';
import { recordModel, type ProbedModel, type Recording, type Sequence } from '../nn/index.ts';
import type { MusicModel } from '../music/music-model.ts';

/** Marks before a piece, as a model hears them when it draws: one, if it knows beginnings. */
function marksBefore({ codec }: Pick<MusicModel, 'codec'>): number {
  return codec.endClass === undefined ? 0 : 1;
}

/** A whole piece as a model reads it, with the mark of its beginning where the model knows one. */
export function fromBeginning(model: Pick<MusicModel, 'codec'>, table: NoteTable): Sequence {
  return model.codec.encode(table, { before: marksBefore(model) });
}

/**
 * Records what a model does on the notes `from` up to, not including, `to` of a piece that it has heard from its beginning. The
 * steps are notes: a mark before the first is in the initial state.
 */
export function recordNotes(
  probed: ProbedModel,
  model: Pick<MusicModel, 'codec'>,
  table: NoteTable,
  [from, to]: readonly [from: number, to: number] = [0, table.length],
): Recording {
  const marks = marksBefore(model);
  return recordModel(probed, fromBeginning(model, table), { range: [from + marks, to + marks] });
}
