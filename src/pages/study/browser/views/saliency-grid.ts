import { colourAt, cssColour } from '../../../kit/colour-scales.ts';
import type { SaliencyRow } from '../../figures/saliency-row.ts';
import { inputName } from '../../../../study/input-names.ts';
import { keyName, signed } from '../../figures/words.ts';
import { element, svgElement } from '../../../kit/browser/elements.ts';
import { palette } from '../../../kit/browser/palette.ts';
import type { Study } from '../study.ts';
import { counted } from '../../../../text/words.ts';

const [WIDTH, ROW] = [316, 16];
/** The width of a letter of a label, about; and the least width of all. */
const [LETTER, LEAST_LABEL] = [6.5, 96];

/** Inputs by past notes as coloured fields, the latest note on the right as in the song. */
export function saliencyGrid(row: SaliencyRow, inputs: readonly string[], study: Study, note: number): HTMLElement {
  const { diverging } = palette();
  const left = Math.max(LEAST_LABEL, ...inputs.map((input) => LETTER * inputName(input).length));
  const cell = (WIDTH - left) / row.lags;
  const height = ROW * inputs.length + 16;
  const parts: SVGElement[] = [];
  inputs.forEach((input, k) => {
    parts.push(svgElement('text', { x: 0, y: k * ROW + 12 }, inputName(input)));
    for (let lag = 0; lag < row.lags; lag++) {
      const value = row.cells[lag * inputs.length + k];
      const past = note - 1 - lag;
      const fill = cssColour(colourAt(diverging.scale, 0.5 + value / (row.largestCell || 1) / 2));
      const title = `${inputName(input)} of note ${past + 1} (${keyName(study.data.song.pitch[past])}), ${lag + 1} before: ${signed(value)}`;
      const x = WIDTH - (lag + 1) * cell;
      parts.push(svgElement('rect', { x, y: k * ROW + 1, width: Math.max(1, cell - 0.5), height: ROW - 1, fill }, svgElement('title', {}, title))); // prettier-ignore
    }
  });
  parts.push(
    svgElement('rect', { class: 'frame', x: left, y: 0.5, width: WIDTH - left - 0.5, height: ROW * inputs.length }),
    svgElement('text', { x: left, y: height - 3 }, `${counted(row.lags, 'note')} ago`),
    svgElement('text', { x: WIDTH, y: height - 3, 'text-anchor': 'end' }, 'just before'),
  );
  const label = 'Saliency of each input of each past note; the tables below say the largest.';
  return element('div', {}, svgElement('svg', { width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': label }, ...parts)); // prettier-ignore
}
