import { SERIES_COLOURS } from '../../../plot/theme.ts';
import { cssGradient } from '../colour-scales.ts';
import { element, type Child } from './elements.ts';
import type { Ramp } from './palette.ts';

/** A colour scale between what its ends stand for. */
export function rampKey(low: string, { scale }: Ramp, high: string): (string | HTMLElement)[] {
  const ramp = element('span', { class: 'ramp' });
  ramp.style.background = cssGradient(scale);
  return [low, ramp, high];
}

/** How lines are told apart where colours are not enough: for canvases, and as the style of a border. */
export const DASHES = [
  { name: 'solid', pattern: [] },
  { name: 'dashed', pattern: [6, 3] },
  { name: 'dotted', pattern: [2, 3] },
];

/** A line in the colour of a series and one of the dashes, and what it stands for. */
export function lineKey(series: number, text: string, dash = 0): HTMLElement {
  const line = element('span', {
    class: `dash series-${series % SERIES_COLOURS} ${DASHES[dash % DASHES.length].name}`,
  });
  return element('span', { class: 'key' }, line, text);
}

/** The line above a track: its name, and its legend. */
export function trackHead(name: Child, ...legend: Child[]): HTMLElement {
  return element('div', { class: 'track-head' }, element('span', {}, name), ...legend);
}
