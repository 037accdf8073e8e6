import { cssGradient } from '../colour-scales.ts';
import { element, type Child } from './elements.ts';
import type { Ramp } from './palette.ts';

/** A colour scale between what its ends stand for. */
export function rampKey(low: string, { scale }: Ramp, high: string): (string | HTMLElement)[] {
  const ramp = element('span', { class: 'ramp' });
  ramp.style.background = cssGradient(scale);
  return [low, ramp, high];
}

/** A line in the colour of a series, and what it stands for. */
export function lineKey(series: number, text: string, dashed = false): HTMLElement {
  const dash = element('span', { class: `dash series-${series}${dashed ? ' dashed' : ''}` });
  return element('span', { class: 'key' }, dash, text);
}

/** The line above a track: its name, and its legend. */
export function trackHead(name: Child, ...legend: Child[]): HTMLElement {
  return element('div', { class: 'track-head' }, element('span', {}, name), ...legend);
}
