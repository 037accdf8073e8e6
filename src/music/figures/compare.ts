import { FIGURE_NAMES, type FigureName, type PieceFigures } from './piece-figures.ts';
import { overlappedArea } from './overlapped-area.ts';
import { spreadOf } from './spread.ts';
import { mean } from './statistics.ts';

/** What the middle nine tenths of some pieces have. */
export interface FigureRange {
  p5: number;
  median: number;
  p95: number;
}

/** One figure of two groups of pieces. */
export interface FigureComparison {
  name: FigureName;
  /** Of the pieces that are the measure: people's. Null when none of them has the figure. */
  reference: FigureRange | null;
  /** Of the others. */
  pieces: FigureRange | null;
  /** The share of the others that are outside the middle nine tenths of the measure; pieces like those have 0.1. */
  outside: number | null;
  /** Whether the median of the others is inside. */
  inside: boolean | null;
  /** MGEval's overlapped area, from 0 to 1; null when a group has fewer than two pieces or does not vary. */
  overlap: number | null;
}

/** Two groups of pieces, figure by figure. */
export interface GroupComparison {
  figures: FigureComparison[];
  /** The mean of the overlapped areas that there are; null without any. */
  overlap: number | null;
}

/**
 * Sets pieces beside those that are their measure.
 * @param pieces what was generated
 * @param reference what people made, pieces of as many notes
 */
export function compareFigures(pieces: readonly PieceFigures[], reference: readonly PieceFigures[]): GroupComparison {
  const figures = FIGURE_NAMES.map((name) => compareFigure(name, valuesOf(pieces, name), valuesOf(reference, name)));
  const overlaps = figures.flatMap(({ overlap }) => overlap ?? []);
  return { figures, overlap: overlaps.length > 0 ? mean(overlaps) : null };
}

function compareFigure(name: FigureName, values: number[], measure: number[]): FigureComparison {
  const reference = rangeOf(measure);
  const pieces = rangeOf(values);
  const isOutside = (value: number): boolean => reference !== null && (value < reference.p5 || value > reference.p95);
  return {
    name,
    reference,
    pieces,
    outside: reference && pieces && values.filter(isOutside).length / values.length,
    inside: reference && pieces && !isOutside(pieces.median),
    overlap: overlappedArea(measure, values),
  };
}

/** The values of the pieces that have the figure. */
function valuesOf(pieces: readonly PieceFigures[], name: FigureName): number[] {
  return pieces.map((figures) => figures[name]).filter((value) => Number.isFinite(value));
}

function rangeOf(values: readonly number[]): FigureRange | null {
  const spread = spreadOf(values);
  return spread ? { p5: spread.p5, median: spread.median, p95: spread.p95 } : null;
}
