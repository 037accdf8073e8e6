import { DEFAULT_METER, noteTable, typedNotes, type NoteEvent, type Timing } from '../midi/index.ts';
import type { MusicModel } from './music-model.ts';
import { noteEvents } from './prepare.ts';
import { prepareTable } from './prepare-table.ts';

/** How typed notes become a primer. */
export interface TextPrimerOptions {
  /** Who is to hear them: chords as one onset, where it does that. */
  model?: Pick<MusicModel, 'settings' | 'codec'>;
  /** Quarter notes a minute. @default 120 */
  tempo?: number;
}

/**
 * A primer from notes as one types them, `primerFromText('C4 E4 [G4 C5]:2')`; docs/notation.md says what may be written.
 * @throws NotationError with the column of the first thing that is wrong; UsageError when the tempo is out of range
 */
export function primerFromText(text: string, { model, tempo = 120 }: TextPrimerOptions = {}): NoteEvent[] {
  const table = noteTable(typedNotes(text, { tempo }));
  if (!model) return noteEvents(table);
  // A model that counts beats counts these in its own bars.
  const [meter = DEFAULT_METER] = model.codec.spec.beats?.meters ?? [];
  const timing: Timing = { tempo: [[0, tempo]], meter: [[0, ...meter]] };
  return noteEvents(prepareTable({ table, timing }, model.settings));
}

/** What a model hears first unless somebody says: nothing, where it knows how pieces begin, else its own primer. */
export function usualPrimer({ codec, primer }: Pick<MusicModel, 'codec' | 'primer'>): MusicModel['primer'] {
  return codec.endClass === undefined ? primer : { name: 'none', notes: [] };
}
