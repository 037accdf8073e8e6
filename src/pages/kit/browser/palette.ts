import { DIVERGING, pixelTable, SEQUENTIAL, type ColourScale } from '../colour-scales.ts';

/** The colours of the canvases, which no style sheet reaches: read from the page's custom properties. */
export interface Palette {
  paper: string;
  ink: string;
  faint: string;
  grid: string;
  shade: string;
  choice: string;
  /** Notes that have no part in what is shown. */
  idle: string;
  accent: string;
  series: string[];
  sequential: ColourScale;
  diverging: ColourScale;
  /** The same as tables of pixels. */
  sequentialPixels: Uint32Array;
  divergingPixels: Uint32Array;
}

const DARK = matchMedia('(prefers-color-scheme: dark)');
let current: Palette | undefined;

/** The palette of now. */
export function palette(): Palette {
  return (current ??= readPalette());
}

/** Calls `redraw` whenever light becomes dark or the other way round. */
export function onScheme(redraw: () => void): void {
  DARK.addEventListener('change', () => {
    current = undefined;
    redraw();
  });
}

function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const diverging = DIVERGING[DARK.matches ? 'dark' : 'light'];
  return {
    paper: of('--etude-paper'),
    ink: of('--etude-ink'),
    faint: of('--etude-faint'),
    grid: of('--etude-grid'),
    shade: of('--etude-shade'),
    choice: of('--choice'),
    idle: of('--idle'),
    accent: of('--accent'),
    series: Array.from({ length: 7 }, (_, k) => of(`--etude-series-${k}`)),
    sequential: SEQUENTIAL,
    diverging,
    sequentialPixels: pixelTable(SEQUENTIAL),
    divergingPixels: pixelTable(diverging),
  };
}
