import { UsageError } from '../../errors.ts';
import { evenly } from '../../evenly.ts';
import { noteTable, sliceTable, tableToNotes, type Note, type NoteTable, type Timing } from '../../midi/index.ts';
import { inTurns, type InTurns, type Pieces } from '../../nn/index.ts';
import type { Kernels } from '../../tensor/index.ts';
import { counted } from '../../text/words.ts';
import { compareFigures, pieceFigures, type GroupComparison, type PieceFigures } from '../figures/index.ts';
import { generateNotes, type GenerateOptions } from '../generate.ts';
import type { MusicModel } from '../music-model.ts';
import { noteEvents } from '../prepare.ts';
import { prepareTable } from '../prepare-table.ts';

/** How pieces are generated to be set beside people's. */
export interface GeneratedPiecesOptions
  extends
    InTurns,
    Pick<GenerateOptions, 'temperature' | 'timeTemperature' | 'temperatures' | 'topK' | 'topP' | 'recall'> {
  /** How many. */
  count: number;
  /** Notes of each, not counting the primer. */
  notes: number;
  /** The first piece has this seed, each further one the next. */
  seed: number;
  /** Makes the kernels for a piece, whose arena holds a copy of the model; the reference unless given. */
  kernels?: () => Kernels;
}

/** A generated piece. */
export interface GeneratedPiece {
  seed: number;
  /** The number of the evaluated piece whose opening the model heard first. */
  primer: number;
  /** As the model would hear them. */
  notes: Note[];
  figures: PieceFigures;
  /** The share of the draws that struck a key that still sounded. */
  struckWhileHeld: number;
}

/** As many notes of a piece that people made, moved to begin at 0. */
export interface HumanClip {
  /** The number of the evaluated piece, and of its notes the first. */
  piece: number;
  from: number;
  notes: Note[];
}

/** Generated pieces beside people's. */
export interface GeneratedPieces {
  pieces: GeneratedPiece[];
  clips: HumanClip[];
  comparison: GroupComparison;
}

/** What a model hears before it generates, at least: enough to know where it is, and pieces that differ. */
const PRIMER_NOTES = 96;
/** An opening is not what the rest is like; generated music has none. */
export const OPENING = 25;
/** More clips change no figure. */
const MOST_CLIPS = 300;

/**
 * Generates pieces, each after the opening of another of the evaluated pieces, and sets their figures beside those of clips of the evaluated
 * pieces of as many notes. Both are heard as the model hears music.
 *
 * @param tables the evaluated pieces, as the model hears them (`prepareTable`)
 * @throws UsageError when no piece is long enough for a clip or a primer, or an option is out of range
 */
export function generatePieces(
  model: MusicModel,
  tables: readonly NoteTable[],
  { onProgress, signal, ...options }: GeneratedPiecesOptions,
): Promise<GeneratedPieces> {
  return inTurns(generation(model, tables, options), { onProgress, signal });
}

function* generation(
  model: MusicModel,
  tables: readonly NoteTable[],
  { count, notes, seed, kernels, ...how }: Omit<GeneratedPiecesOptions, keyof InTurns>,
): Pieces<GeneratedPieces> {
  const clips = clipsOf(tables, notes);
  const primers = primersOf(model, tables);
  const pieces: GeneratedPiece[] = [];
  for (let k = 0; k < count; k++) {
    const { piece: primer, heard } = primers[Math.floor((k * primers.length) / count)];
    const opening = noteEvents(tables[primer], heard);
    const drawn = generateNotes(model, { ...how, notes, seed: seed + k, primer: opening, kernels: kernels?.() });
    const timing: Timing | undefined = drawn.beats && { tempo: [[0, drawn.beats.tempo]], meter: [] };
    const table = prepareTable({ table: noteTable(drawn.played), timing }, model.settings);
    const asHeard = tableToNotes(table);
    pieces.push({
      seed: seed + k,
      primer,
      notes: asHeard,
      figures: pieceFigures(asHeard),
      struckWhileHeld: drawn.struckWhileHeld / drawn.events.length,
    });
    yield (k + 1) / count;
  }
  const figures = pieces.map((piece) => piece.figures);
  const human = clips.map((clip) => pieceFigures(clip.notes));
  return { pieces, clips, comparison: compareFigures(figures, human) };
}

/** Clips of so many notes, one after the other in each piece after its opening, evenly spaced where there are more than enough. @throws UsageError when there are none */
export function clipsOf(tables: readonly NoteTable[], notes: number): HumanClip[] {
  const places = tables.flatMap(({ length }, piece) =>
    Array.from({ length: Math.max(0, Math.floor((length - OPENING) / notes)) }, (_, k) => ({
      piece,
      from: OPENING + k * notes,
    })),
  );
  if (places.length === 0) {
    const longest = tables.reduce((most, { length }) => Math.max(most, length), 0);
    throw new UsageError(
      `Generated pieces are compared with clips of as many notes, after the first ${OPENING} of a piece: expected a piece of ` +
        `${counted(OPENING + notes, 'note')}, the longest has ${longest}. Take shorter ones (--notes-each), or give longer music.`,
    );
  }
  return evenly(places, MOST_CLIPS).map(({ piece, from }) => ({
    piece,
    from,
    notes: fromZero(tableToNotes(sliceTable(tables[piece], from, from + notes))),
  }));
}

/** Figures over time count from 0, where generated pieces begin. */
function fromZero(notes: readonly Note[]): Note[] {
  return notes.map((note) => ({ ...note, start: note.start - notes[0].start, end: note.end - notes[0].start }));
}

function primersOf({ settings }: MusicModel, tables: readonly NoteTable[]): { piece: number; heard: number }[] {
  const enough = Math.max(PRIMER_NOTES, settings.seqLength);
  const all = tables.map(({ length }, piece) => ({ piece, heard: Math.min(length, enough) }));
  const long = all.filter(({ heard }) => heard === enough);
  // Where no piece is so long, what the model needs at least.
  const primers = long.length > 0 ? long : all.filter(({ heard }) => heard >= settings.seqLength);
  if (primers.length > 0) return primers;
  throw new UsageError(
    `A model is first given the opening of a piece: expected one of ${counted(settings.seqLength, 'note')} at least, the length of its window. Give longer music.`,
  );
}
