import type { Evaluation, HeadEvaluation } from '../evaluate.ts';
import type { FigureComparison, GroupComparison } from '../figures/index.ts';
import { noteNats, type NoteNats } from './common-grid.ts';
import type { GeneratedPieces } from './generated-pieces.ts';
import type { GridLikelihood } from './grid-likelihood.ts';
import type { WholePieces } from './whole-pieces.ts';

/** What was found out about a model. */
export interface Results {
  /** As it was given. */
  model: string;
  /** Which pieces, in words: `the 137 pieces of the validation side`. */
  on: string;
  /** Each note from the window before it. */
  windows?: Omit<Evaluation, 'heads'> & { heads: (HeadEvaluation & { perplexity: number | null })[] };
  /** Each note from everything before it. */
  whole?: WholePieces & { recall: number; exact?: GridLikelihood };
  generated?: GeneratedPieces & {
    notesEach: number;
    /** Of the evaluated pieces. */
    names: readonly string[];
  };
}

/** What whole notes cost in whole pieces, by the model alone, with its memory, and by the frequencies of the training pieces. */
export function wholeNoteNats({ note, grid, exact }: WholePieces & { exact?: GridLikelihood }): {
  model: NoteNats;
  memory?: NoteNats;
  baseline: NoteNats | null;
} {
  return {
    model: { ...noteNats(note.model, grid), ...(exact && { onGrid: exact.model }) },
    ...(note.memory !== undefined && {
      memory: { ...noteNats(note.memory, grid), ...(exact?.memory !== undefined && { onGrid: exact.memory }) },
    }),
    baseline: note.baseline === null ? null : noteNats(note.baseline, grid),
  };
}

/** Many figures in three numbers. */
export interface ComparisonSummary {
  /** Figures that both groups have. */
  compared: number;
  /** Those whose median is inside the middle nine tenths of people's. */
  inside: number;
  /** The mean share of pieces that are outside; of human clips it would be 0.1. */
  outside: number;
  /** The mean overlapped area. */
  overlap: number | null;
}

export function summarize({ figures, overlap }: GroupComparison): ComparisonSummary {
  const compared = figures.filter(
    (figure): figure is FigureComparison & { outside: number } => figure.outside !== null,
  );
  return {
    compared: compared.length,
    inside: compared.filter(({ inside }) => inside).length,
    outside: compared.reduce((sum, { outside }) => sum + outside, 0) / Math.max(1, compared.length),
    overlap,
  };
}

/** What `--json` prints of whole pieces. */
export function wholeJson({ pieces, notes, heads, note, recall, ...rest }: NonNullable<Results['whole']>) {
  const nats = wholeNoteNats({ pieces, notes, heads, note, ...rest });
  const exactGrid = rest.exact !== undefined;
  return { pieces, notes, recall, exactGrid, heads, note: { ...nats, positions: note.positions } };
}

/** What `--json` prints of generated pieces: all but their notes. */
export function generatedJson({ pieces, clips, comparison, notesEach, names }: NonNullable<Results['generated']>) {
  return {
    pieces: pieces.map(({ seed, primer, notes, struckWhileHeld }) => ({ seed, primer: names[primer], notes: notes.length, struckWhileHeld })), // prettier-ignore
    notesEach,
    clips: clips.length,
    ...summarize(comparison),
    struckWhileHeld: struckWhileHeld(pieces),
    figures: comparison.figures,
  };
}

/** The mean share of draws that struck a key that still sounded. */
export function struckWhileHeld(pieces: GeneratedPieces['pieces']): number {
  return pieces.reduce((sum, piece) => sum + piece.struckWhileHeld, 0) / pieces.length;
}
