/**
 * The colours of all pictures, for light and dark surroundings. Categories are those of Okabe and Ito ("Color Universal
 * Design", 2008), told apart by people with any kind of colour blindness, in the order in which they stand out from the
 * ground: the yellow is left for the dark one.
 */
interface Palette {
  paper: string;
  /** Text and axes. */
  ink: string;
  /** Tick labels, axis titles. */
  faint: string;
  grid: string;
  /** The rows of the black keys in a piano roll. */
  shade: string;
  /** One for each series, in order. */
  series: readonly string[];
  /** From soft to loud: one hue, ever further from the ground. */
  loudness: readonly string[];
}

/** How many series have a colour of their own; further ones take the same again, in another dash. */
export const SERIES_COLOURS = 7;
/** How many steps of loudness a picture tells apart. */
export const LOUDNESS_STEPS = 8;

const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#1c1c22',
  faint: '#55555f',
  grid: '#e3e3e8',
  shade: '#f1f1f5',
  series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'],
  loudness: ['#a3c9e2', '#7eb3d6', '#579bc9', '#3583b9', '#1f6ca6', '#10558b', '#083f6d', '#042a4d'],
};

const DARK: Palette = {
  paper: '#16161b',
  ink: '#ececf1',
  faint: '#a9a9b6',
  grid: '#33333d',
  shade: '#1f1f27',
  series: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#d55e00', '#ffffff'],
  loudness: ['#2f526e', '#38668b', '#437ca8', '#5293c4', '#68abde', '#8ac2f0', '#b1d9f9', '#dceefe'],
};

/** The name of the class that stands on every picture; all other classes begin with it too. */
export const ROOT_CLASS = 'etude-plot';

/** Class names, so that the markup and the style sheet cannot drift apart. */
export const classes = {
  paper: `${ROOT_CLASS}-paper`,
  title: `${ROOT_CLASS}-title`,
  label: `${ROOT_CLASS}-label`,
  legend: `${ROOT_CLASS}-legend`,
  axis: `${ROOT_CLASS}-axis`,
  grid: `${ROOT_CLASS}-grid`,
  shade: `${ROOT_CLASS}-shade`,
  mark: `${ROOT_CLASS}-mark`,
  /** Text over lines: the ground shines through around it. */
  halo: `${ROOT_CLASS}-halo`,
  line: `${ROOT_CLASS}-line`,
  bar: `${ROOT_CLASS}-bar`,
  /** The colour of series `index`, as stroke of lines and fill of dots and bars. */
  series: (index: number): string => `${ROOT_CLASS}-series-${index % SERIES_COLOURS}`,
  /** The colour of loudness step `step`. */
  loudness: (step: number): string => `${ROOT_CLASS}-loudness-${step}`,
} as const;

/**
 * The style sheet that goes into each picture: custom properties with the light colours, the dark ones where the reader
 * prefers them. Each rule says its colour twice, first in plain: programs that know no `var()` (librsvg, older converters)
 * then draw the light picture instead of a black one.
 */
export function styleSheet(): string {
  const rules = [
    `.${ROOT_CLASS}{${colourProperties('light')};font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:12px}`,
    `@media (prefers-color-scheme:dark){.${ROOT_CLASS}{${colourProperties('dark')}}}`,
    rule(classes.paper, ['fill', 'paper']),
    rule(classes.title, ['fill', 'ink'], 'font-size:16px;font-weight:600'),
    rule(classes.label, ['fill', 'faint']),
    rule(classes.legend, ['fill', 'ink']),
    rule(classes.axis, ['stroke', 'faint'], 'fill:none;stroke-width:1'),
    rule(classes.grid, ['stroke', 'grid'], 'fill:none;stroke-width:1'),
    rule(classes.shade, ['fill', 'shade']),
    rule(classes.mark, ['stroke', 'faint'], 'fill:none;stroke-width:1;stroke-dasharray:2 3'),
    rule(
      classes.halo,
      ['fill', 'faint'],
      ['stroke', 'paper'],
      'stroke-width:4;stroke-linejoin:round;paint-order:stroke',
    ),
    ...LIGHT.series.map((_, i) => rule(classes.series(i), ['stroke', `series-${i}`], ['fill', `series-${i}`])),
    `.${classes.line}{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}`,
    `.${classes.bar}{fill-opacity:.45;stroke-width:1}`,
    ...LIGHT.loudness.map((_, i) => rule(classes.loudness(i), ['stroke', `loudness-${i}`], ['fill', `loudness-${i}`])),
  ];
  return rules.join('\n');
}

/** The names and values of a palette's custom properties. */
function named(palette: Palette): Map<string, string> {
  const { paper, ink, faint, grid, shade, series, loudness } = palette;
  return new Map([
    ...Object.entries({ paper, ink, faint, grid, shade }),
    ...series.map((colour, i) => [`series-${i}`, colour] as const),
    ...loudness.map((colour, i) => [`loudness-${i}`, colour] as const),
  ]);
}

/** The colours of a scheme as custom properties, for the rules of a style sheet: `--etude-paper:#ffffff;--etude-ink:…`. */
export function colourProperties(scheme: 'light' | 'dark'): string {
  return [...named(scheme === 'light' ? LIGHT : DARK)].map(([name, colour]) => `--etude-${name}:${colour}`).join(';');
}

/** One rule; `[property, name]` sets a property to the colour of that name, a string is taken as it is. */
function rule(className: string, ...declarations: ([property: string, name: string] | string)[]): string {
  const light = named(LIGHT);
  const body = declarations.map((declaration) => {
    if (typeof declaration === 'string') return declaration;
    const [property, name] = declaration;
    return `${property}:${light.get(name)};${property}:var(--etude-${name})`;
  });
  return `.${className}{${body.join(';')}}`;
}
