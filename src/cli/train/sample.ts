import { evenly } from '../../evenly.ts';
import { noteTable, sliceTable, tableToNotes, type Note, type Piece } from '../../midi/index.ts';
import {
  analyseGenerated,
  analyseNotes,
  generateNotes,
  usualLength,
  usualPrimer,
  GENERATION_SAMPLING,
  meanAnalysis,
  type MusicAnalysis,
  type MusicModel,
  type WrittenBeats,
} from '../../music/index.ts';
import type { MusicData } from '../../pages/report/report-data.ts';

/** Music drawn from a trained model with the settings of `etude generate`, after its own primer. */
export interface Sample {
  notes: Note[];
  /** Its tempo and bars, where the model counts beats. */
  beats?: WrittenBeats;
  seed: number;
  analysis: MusicAnalysis;
  /** Whether the primer is of a piece that the model was trained on, cannot be told from the model alone. */
  primer: { name: string; notes: number };
}

/** The notes of a sample of a model. */
export function notesOf(model: MusicModel, length: number | 'auto'): number | 'auto' {
  return length === 'auto' ? usualLength(model) : length;
}

/** Draws a sample with the seed of the training. */
export function drawSample(model: MusicModel, length: number | 'auto'): Sample {
  const { seed } = model.settings;
  const drawn = generateNotes(model, { ...GENERATION_SAMPLING, notes: notesOf(model, length), seed });
  const { name, notes: heard } = usualPrimer(model);
  return {
    notes: drawn.played,
    ...(drawn.beats && { beats: drawn.beats }),
    seed,
    analysis: analyseGenerated(drawn),
    primer: { name, notes: heard.length },
  };
}

/** No more notes than these go into the distributions of a report: they are about the corpus, not all of it. */
const MOST_NOTES = 200_000;
/** No more stretches than these are analysed. */
const MOST_STRETCHES = 200;

/**
 * The distributions of a corpus, and the mean figures of its stretches of `length` notes: repetition and range grow with
 * the length, so that only pieces of one length can be compared. Pieces that are shorter count as they are, if all are.
 */
export function describeMusic(name: string, pieces: readonly Piece[], length: number): MusicData {
  const stretches = evenly(stretchesOf(pieces, length), MOST_STRETCHES);
  const analyses = stretches.map(({ piece, from, to }) => {
    const { table } = pieces[piece];
    return analyseNotes(tableToNotes(sliceTable(table, from, to)));
  });
  const taken = evenly(pieces, mostPieces(pieces));
  return {
    name: taken.length < pieces.length ? `${name} (a part)` : name,
    ...columnsOf(taken),
    analysis: meanAnalysis(analyses) ?? analyseNotes([]),
  };
}

/** The columns of some notes, for the distributions of a report. */
export function describeNotes(name: string, notes: readonly Note[], analysis: MusicAnalysis): MusicData {
  const { pitch, step, duration } = noteTable(notes);
  return { name, pitch: [...pitch], step: [...step], duration: [...duration], analysis };
}

interface Stretch {
  piece: number;
  from: number;
  to: number;
}

function stretchesOf(pieces: readonly Piece[], length: number): Stretch[] {
  const whole = pieces.flatMap(({ table }, piece) =>
    Array.from({ length: Math.floor(table.length / length) }, (_, k) => ({
      piece,
      from: k * length,
      to: (k + 1) * length,
    })),
  );
  return whole.length > 0 ? whole : pieces.map(({ table }, piece) => ({ piece, from: 0, to: table.length }));
}

/** How many of the pieces have about as many notes as a page should show. */
function mostPieces(pieces: readonly Piece[]): number {
  const notes = pieces.reduce((sum, { table }) => sum + table.length, 0);
  return Math.max(1, Math.floor((pieces.length * MOST_NOTES) / Math.max(notes, MOST_NOTES)));
}

function columnsOf(pieces: readonly Piece[]): Pick<MusicData, 'pitch' | 'step' | 'duration'> {
  const column = (of: 'pitch' | 'step' | 'duration'): number[] => pieces.flatMap(({ table }) => [...table[of]]);
  return { pitch: column('pitch'), step: column('step'), duration: column('duration') };
}
