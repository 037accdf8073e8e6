import type { Area } from './picture.ts';
import { FONT_SIZE, PADDING } from './picture.ts';
import { coordinate, element, fitText, text, textWidth } from './svg.ts';
import { classes } from './theme.ts';
import type { Scale, Tick } from './ticks.ts';

/** The room that an x axis needs below its area: ticks, their labels, its title. */
export const X_AXIS_HEIGHT = 50;
/** The room that a y axis needs to the left of its area, besides its widest label: title, gaps, ticks. */
export const Y_AXIS_WIDTH = PADDING + 30;
/** The room to the right of an area, for half of the last label. */
export const RIGHT_MARGIN = PADDING + 8;

/** The axis below `area`: a line, a tick and a label at each of `ticks`, the title in the middle. */
export function xAxis(area: Area, scale: Scale, ticks: readonly Tick[], label: string): string {
  const marks = ticks.map(({ value }) => `M${coordinate(scale(value))} ${coordinate(area.bottom)}v5`).join('');
  const line = `M${coordinate(area.left)} ${coordinate(area.bottom)}H${coordinate(area.right)}`;
  return element(
    'g',
    {},
    element('path', { class: classes.axis, d: line + marks }),
    element(
      'g',
      { class: classes.label, 'text-anchor': 'middle' },
      ...ticks.map((tick) => {
        // A long label at the very end moves inwards, so that the edge of the picture does not cut it.
        const half = textWidth(tick.label, FONT_SIZE) / 2;
        const at = Math.max(half, Math.min(scale(tick.value), area.right + RIGHT_MARGIN - half));
        return text(tick.label, at, area.bottom + 18);
      }),
      text(fitText(label, FONT_SIZE, area.right - area.left), (area.left + area.right) / 2, area.bottom + 38),
    ),
  );
}

/** The axis to the left of `area`: a grid line and a label at each of `ticks`, the title along it. */
export function yAxis(area: Area, scale: Scale, ticks: readonly Tick[], label: string): string {
  const grid = ticks.map(
    ({ value }) => `M${coordinate(area.left)} ${coordinate(scale(value))}H${coordinate(area.right)}`,
  );
  return element(
    'g',
    {},
    element('path', { class: classes.grid, d: grid.join('') }),
    element(
      'g',
      { class: classes.label, 'text-anchor': 'end' },
      ...ticks.map((tick) => text(tick.label, area.left - 8, scale(tick.value) + 4)),
    ),
    sideTitle(area, label),
  );
}

/** A title that runs upwards along the left edge of the picture, beside `area`. */
export function sideTitle(area: Area, label: string): string {
  const middle = (area.top + area.bottom) / 2;
  return text(fitText(label, FONT_SIZE, area.bottom - area.top), 0, 0, {
    class: classes.label,
    'text-anchor': 'middle',
    transform: `translate(${PADDING + 4} ${coordinate(middle)}) rotate(-90)`,
  });
}

/** Words in the middle of an area that has nothing to show. */
export function emptyNote(area: Area, words: string): string {
  return text(words, (area.left + area.right) / 2, (area.top + area.bottom) / 2, {
    class: classes.label,
    'text-anchor': 'middle',
  });
}
