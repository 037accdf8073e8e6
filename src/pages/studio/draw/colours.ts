/** The colours of the page, as its style sheet has them in the present surroundings, light or dark. */
export interface Colours {
  paper: string;
  ink: string;
  faint: string;
  line: string;
  soft: string;
  accent: string;
  series: string[];
  /** Ends of the scales of heat maps, and their middle. */
  low: Rgb;
  middle: Rgb;
  high: Rgb;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** Reads the style sheet's custom properties; again after the surroundings have changed. */
export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: of('paper'),
    ink: of('ink'),
    faint: of('faint'),
    line: of('line'),
    soft: of('soft'),
    accent: of('accent'),
    series: Array.from({ length: 6 }, (_, k) => of(`series-${k}`)),
    low: parseHex(of('low')),
    middle: parseHex(of('paper')),
    high: parseHex(of('high')),
  };
}

/** `#rrggbb` as three numbers from 0 to 255. */
export function parseHex(text: string): Rgb {
  const number = Number.parseInt(text.replace('#', ''), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** The colour between two, `part` of the way from the first. */
export function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const at = (k: 0 | 1 | 2): number => Math.round(from[k] + (to[k] - from[k]) * part);
  return [at(0), at(1), at(2)];
}

/** The colour of a value on a scale with two ends: -1 low, 0 middle, 1 high. Orange and blue: safe for any colour vision. */
export function diverging({ low, middle, high }: Pick<Colours, 'low' | 'middle' | 'high'>, value: number): Rgb {
  const clamped = Math.max(-1, Math.min(1, value));
  return clamped < 0 ? mix(middle, low, -clamped) : mix(middle, high, clamped);
}

export function cssOf([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
