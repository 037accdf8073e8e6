import { ROOT_CLASS } from './theme.ts';

/** How many colours a heat map has on either side of its middle. */
export const HEAT_STEPS = 8;

type Colour = readonly [red: number, green: number, blue: number];

/** From the most negative over nothing to the most positive. */
interface Scale {
  negative: Colour;
  middle: Colour;
  positive: Colour;
}

/**
 * Orange for negative and blue for positive values, which people with any kind of colour blindness tell apart, and the ground
 * in the middle: what is nothing looks like nothing.
 */
const LIGHT: Scale = { negative: [168, 67, 0], middle: [247, 247, 249], positive: [0, 74, 124] };
const DARK: Scale = { negative: [255, 160, 77], middle: [30, 30, 37], positive: [122, 200, 255] };

/** The class of a cell: `level` from -HEAT_STEPS to HEAT_STEPS. */
export function heatClass(level: number): string {
  return `${ROOT_CLASS}-heat-${level < 0 ? `n${-level}` : level}`;
}

/** The colour step of a value: 0 at 0, ±HEAT_STEPS at ±limit and beyond. NaN has none. */
export function heatLevel(value: number, limit: number): number | undefined {
  if (Number.isNaN(value)) return undefined;
  const level = Math.round((value / limit) * HEAT_STEPS);
  return Math.max(-HEAT_STEPS, Math.min(HEAT_STEPS, level)) + 0;
}

/** The rules that a picture with a heat map needs beside the common style sheet. */
export function heatStyleSheet(): string {
  const variables = (scale: Scale): string => levels().map((level) => `--etude-heat-${keyOf(level)}:${hex(scale, level)}`).join(';'); // prettier-ignore
  return [
    `.${ROOT_CLASS}{${variables(LIGHT)}}`,
    `@media (prefers-color-scheme:dark){.${ROOT_CLASS}{${variables(DARK)}}}`,
    ...levels().map((level) => {
      const colour = `stroke:${hex(LIGHT, level)};stroke:var(--etude-heat-${keyOf(level)})`;
      return `.${heatClass(level)}{${colour};fill:none;shape-rendering:crispEdges}`;
    }),
  ].join('\n');
}

function levels(): number[] {
  return Array.from({ length: 2 * HEAT_STEPS + 1 }, (_, k) => k - HEAT_STEPS);
}

function keyOf(level: number): string {
  return level < 0 ? `n${-level}` : String(level);
}

function hex({ negative, middle, positive }: Scale, level: number): string {
  const end = level < 0 ? negative : positive;
  const share = Math.abs(level) / HEAT_STEPS;
  const channels = middle.map((from, k) => Math.round(from + (end[k] - from) * share));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
