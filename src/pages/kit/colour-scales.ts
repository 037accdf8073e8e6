/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours at even distances, from the lowest value to the highest. */
export type ColourScale = readonly Rgb[];

/**
 * From little to much: viridis (S. van der Walt and N. Smith, 2015), whose lightness rises evenly, for every kind of colour
 * vision, on light ground and on dark.
 */
export const SEQUENTIAL: ColourScale = colours(
  '#440154 #482878 #3e4989 #31688e #26828e #1f9e89 #35b779 #6ece58 #b5de2b #fde725',
);

/**
 * From minus over nothing to plus: orange and blue, told apart with any colour vision, as in all our pictures; nothing looks
 * like the ground.
 */
export const DIVERGING: Record<'light' | 'dark', ColourScale> = {
  light: colours('#7a3c02 #c96a0b #f2a04a #fbd3a4 #f6f6f6 #b9d7ec #6aa9d8 #1f6fb0 #053a6b'),
  dark: colours('#ffdcae #f0a040 #b96d17 #6e4010 #1d1d24 #1f4f7c #3582c4 #6cb6f2 #b5deff'),
};

function colours(text: string): ColourScale {
  return text.split(' ').map(parseColour);
}

/** `#rrggbb` as three numbers. */
export function parseColour(hex: string): Rgb {
  const number = parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

/** The colour of `part`, 0 to 1, along a scale. */
export function colourAt(scale: ColourScale, part: number): Rgb {
  const place = Math.min(1, Math.max(0, part)) * (scale.length - 1);
  const below = Math.min(scale.length - 2, Math.floor(place));
  const share = place - below;
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(scale[below][channel] * (1 - share) + scale[below + 1][channel] * share);
  return [mix(0), mix(1), mix(2)];
}

export function cssColour([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}

/** A colour of CSS, `#1f6fb0` or `rgb(31,111,176)`, as a pixel of ImageData; black where it is written otherwise. */
export function cssPixel(colour: string): number {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  const [red, green, blue] = hex ? [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)) : (/^rgb/.test(colour) ? colour.match(/\d+/g)!.map(Number) : [0, 0, 0]); // prettier-ignore
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** A scale as the colours of a CSS gradient. */
export function cssGradient(scale: ColourScale): string {
  return `linear-gradient(90deg,${scale.map(cssColour).join(',')})`;
}

/** How many colours a table has; the one after them is for numbers that are missing. */
export const TABLE_COLOURS = 256;

/**
 * A scale as pixels of ImageData (little-endian: alpha, blue, green, red), [257]: the last, for missing numbers, is clear.
 */
export function pixelTable(scale: ColourScale): Uint32Array {
  const table = new Uint32Array(TABLE_COLOURS + 1);
  for (let k = 0; k < TABLE_COLOURS; k++) {
    const [red, green, blue] = colourAt(scale, k / (TABLE_COLOURS - 1));
    table[k] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}

/** Which entry of a pixel table a value from `low` to `high` has. */
export function tableIndex(value: number, low: number, high: number): number {
  if (!Number.isFinite(value)) return TABLE_COLOURS;
  if (high <= low) return TABLE_COLOURS / 2;
  return Math.round((TABLE_COLOURS - 1) * Math.min(1, Math.max(0, (value - low) / (high - low))));
}
