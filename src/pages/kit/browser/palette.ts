import { SERIES_COLOURS } from '../../../plot/theme.ts';
import { DIVERGING, pixelTable, SEQUENTIAL, type ColourScale } from '../colour-scales.ts';

/** A colour scale, and the same as a table of pixels. */
export interface Ramp {
  scale: ColourScale;
  pixels: Uint32Array;
}

/** The colours of the canvases, which no style sheet reaches: read from the page's custom properties. */
export interface Palette {
  paper: string;
  ink: string;
  faint: string;
  grid: string;
  shade: string;
  accent: string;
  /** What is chosen. */
  choice: string;
  /** Notes that have no part in what is shown. */
  idle: string;
  series: readonly string[];
  /** From little to much. */
  sequential: Ramp;
  /** From minus over nothing to plus. */
  diverging: Ramp;
}

const NAMES = ['paper', 'ink', 'faint', 'grid', 'shade', 'accent', 'choice', 'idle'] as const;

let current: Palette | undefined;
let dark: MediaQueryList | undefined;

/** The palette of now. */
export function palette(): Palette {
  return (current ??= readPalette());
}

/** Calls `redraw` whenever light becomes dark or the other way round. */
export function onScheme(redraw: () => void): void {
  scheme().addEventListener('change', redraw);
}

function scheme(): MediaQueryList {
  if (!dark) {
    dark = matchMedia('(prefers-color-scheme: dark)');
    // Before all who draw anew.
    dark.addEventListener('change', () => (current = undefined));
  }
  return dark;
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--etude-${name}`).trim();
  const ramp = (scale: ColourScale): Ramp => ({ scale, pixels: pixelTable(scale) });
  return {
    ...(Object.fromEntries(NAMES.map((name) => [name, of(name)])) as Record<(typeof NAMES)[number], string>),
    series: Array.from({ length: SERIES_COLOURS }, (_, k) => of(`series-${k}`)),
    sequential: ramp(SEQUENTIAL),
    diverging: ramp(DIVERGING[scheme().matches ? 'dark' : 'light']),
  };
}
