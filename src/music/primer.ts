import { noteTable, typedNotes, type NoteEvent } from '../midi/index.ts';
import type { MusicModel } from './music-model.ts';
import { noteEvents } from './prepare.ts';
import { prepareTable } from './prepare-table.ts';

/** How typed notes become a primer. */
export interface TextPrimerOptions {
  /** Who is to hear them: chords as one onset, where it does that. */
  model?: Pick<MusicModel, 'settings'>;
  /** Quarter notes a minute. @default 120 */
  tempo?: number;
}

/**
 * A primer from notes as one types them, `primerFromText('C4 E4 [G4 C5]:2')`; docs/notation.md says what may be written.
 * @throws NotationError with the column of the first thing that is wrong; UsageError when the tempo is out of range
 */
export function primerFromText(text: string, { model, tempo = tempoFor(model) }: TextPrimerOptions = {}): NoteEvent[] {
  const table = noteTable(typedNotes(text, { tempo }));
  return noteEvents(model ? prepareTable({ table }, model.settings) : table);
}

/** The tempo in which notes are typed for a model: no model knows one of its own. */
function tempoFor(_model?: TextPrimerOptions['model']): number {
  return 120;
}
