/**
 * What can be counted in pieces, and how groups of them compare.
 *
 * @module
 */
export { FIGURE_NAMES, pieceFigures, type FigureName, type PieceFigures } from './piece-figures.ts';
export { compareFigures, type FigureComparison, type FigureRange, type GroupComparison } from './compare.ts';
export { overlappedArea } from './overlapped-area.ts';
export { quantile, spreadOf, type Spread } from './spread.ts';
