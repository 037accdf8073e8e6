import type { FigureComparison } from '../../music/index.ts';
import { describeComparison, figureValue, sideWords } from '../../music/evaluation/describe.ts';
import type { Results } from '../../music/evaluation/results.ts';
import { decimals, percent } from '../../text/numbers.ts';
import { htmlTable, paragraph, type Cell } from '../kit/html.ts';
import { rangeBar } from './range-bar.ts';

/**
 * The figures of generated pieces beside those of human music, as a sentence and a table.
 * @param shown the figures in the table; all unless given
 */
export function figureParts(
  generated: NonNullable<Results['generated']>,
  shown = generated.comparison.figures,
): string[] {
  const rows = shown.map((figure): Cell[] => [
    figure.name,
    { number: figureValue(figure.reference?.p5) || '–' },
    { number: figureValue(figure.reference?.median) || '–' },
    { number: figureValue(figure.reference?.p95) || '–' },
    { number: figureValue(figure.pieces?.median) || '–', strong: figure.inside === false },
    { number: figure.outside === null ? '–' : percent(figure.outside) },
    { number: decimals(figure.overlap, 2) },
    { html: rangeBar(figure) },
    markOf(figure),
  ]);
  return [
    paragraph(describeComparison(generated)),
    htmlTable(['Figure', 'Human 5 %', 'Median', '95 %', 'Generated', 'Outside', 'Overlap', 'Range', ''], rows),
    paragraph(
      'Generated: the median of the pieces. Outside: the share of them that are not within the human 5 to 95 %. Overlap: MGEval’s overlapped area. ' +
        'In the bars the band is the human 5 to 95 % with its median, the line and dot those of the generated pieces. Figures with underscores are MusPy’s.',
      'note',
    ),
  ];
}

function markOf(figure: FigureComparison): string {
  return figure.inside === false ? sideWords(figure) : '';
}
