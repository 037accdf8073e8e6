import type { Scale, Tick } from '../../../../plot/ticks.ts';
import { svgElement } from '../../../kit/browser/elements.ts';

/** Where the plot stands in its picture. */
export interface PlotArea {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Grid lines with their numbers to the left, and the title of the axis above. */
export function verticalAxis(
  scale: Scale,
  ticks: readonly Tick[],
  { left, right, top }: PlotArea,
  title: string,
): SVGElement[] {
  return [
    ...ticks.flatMap(({ value, label }) => [
      svgElement('line', { class: 'grid', x1: left, x2: right, y1: scale(value), y2: scale(value) }),
      svgElement('text', { x: left - 6, y: scale(value) + 4, 'text-anchor': 'end' }, label),
    ]),
    svgElement('text', { x: 0, y: top - 10 }, title),
  ];
}

/** Marks with their numbers below, and the title of the axis at the end. */
export function horizontalAxis(
  scale: Scale,
  ticks: readonly Tick[],
  { left, right, bottom }: PlotArea,
  title: string,
): SVGElement[] {
  return [
    svgElement('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }),
    ...ticks.flatMap(({ value, label }) => [
      svgElement('line', { class: 'axis', x1: scale(value), x2: scale(value), y1: bottom, y2: bottom + 4 }),
      svgElement('text', { x: scale(value), y: bottom + 17, 'text-anchor': 'middle' }, label),
    ]),
    svgElement('text', { x: right, y: bottom + 34, 'text-anchor': 'end' }, title),
  ];
}

/** A picture as wide as its place. */
export function picture(width: number, height: number, label: string, ...parts: SVGElement[]): SVGSVGElement {
  return svgElement(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    ...parts,
  );
}
