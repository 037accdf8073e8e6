import { colourProperties, SERIES_COLOURS } from '../../plot/theme.ts';

/** What pages need beyond the colours of pictures, which they share with them. */
const LIGHT = {
  soft: '#f6f6f9',
  raised: '#ffffff',
  line: '#d9d9e0',
  accent: '#0072b2',
  'on-accent': '#ffffff',
  /** What is chosen. */
  choice: '#c2185b',
  /** Notes that have no part in what is shown. */
  idle: '#c9c9d3',
  plus: '#0b5c9e',
  minus: '#a34f00',
  warn: '#a33b00',
};
const DARK: typeof LIGHT = {
  soft: '#1c1c23',
  raised: '#202028',
  line: '#3a3a46',
  accent: '#56b4e9',
  'on-accent': '#0b1a24',
  choice: '#ff7eb6',
  idle: '#565664',
  plus: '#6cb6f2',
  minus: '#f0a040',
  warn: '#ffab76',
};

function properties(scheme: 'light' | 'dark'): string {
  const own = Object.entries(scheme === 'light' ? LIGHT : DARK).map(([name, colour]) => `--etude-${name}:${colour}`);
  return `${colourProperties(scheme)};${own.join(';')}`;
}

/**
 * What all pages share: the colours, as custom properties of the root (light, and dark where the reader prefers it; the names are
 * those of the pictures), text, tables and notes. A page adds its own layout.
 */
export const TEXT_STYLE = `
:root { color-scheme: light dark; ${properties('light')} }
@media (prefers-color-scheme: dark) { :root { ${properties('dark')} } }
${Array.from({ length: SERIES_COLOURS }, (_, k) => `.series-${k} { --series: var(--etude-series-${k}); }`).join('\n')}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--etude-paper); color: var(--etude-ink); overflow-wrap: break-word;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
a { color: var(--etude-accent); }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .35rem; }
p { margin: .35rem 0; }
.faint, .note, .help, footer { color: var(--etude-faint); }
.note { max-width: 48rem; font-size: .93rem; }
footer { font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; font-weight: 400; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--etude-line); vertical-align: top; }
thead th { color: var(--etude-faint); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.plus { color: var(--etude-plus); }
.minus { color: var(--etude-minus); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .8rem; margin: 0 0 .5rem; }
dt { color: var(--etude-faint); }
dd { margin: 0; overflow-wrap: anywhere; }
svg { display: block; max-width: 100%; }
`.trim();

/** What pages that are read from top to bottom share beyond that: a column of text, headings, pictures side by side. */
export const DOCUMENT_STYLE = `
${TEXT_STYLE}
body { font-size: 16px; line-height: 1.55; }
svg { height: auto; }
table { font-size: .95rem; }
th, td { padding: .3rem 1.25rem .3rem 0; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--etude-line); }
.verdict { font-size: 1.1rem; max-width: 46rem; }
.note { max-width: 46rem; font-size: 1rem; }
.grid { margin: 0 0 1.25rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem; }
dl { gap: .25rem 1.5rem; }
footer { margin-top: 3rem; }
@media print { section { break-inside: avoid; } }
`.trim();

/** What pages with a program share beyond that: buttons, fields, tracks with their legends, the tooltip, messages, the player. */
export const CONTROLS_STYLE = `
:focus-visible { outline: 3px solid var(--etude-accent); outline-offset: 2px; border-radius: .2rem; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: .5rem; top: .5rem; z-index: 9; background: var(--etude-raised); padding: .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
summary { cursor: pointer; width: fit-content; }
button, select, input[type='text'], input[type='number'] {
  font: inherit; font-size: .9rem; color: var(--etude-ink); background: var(--etude-raised); max-width: 100%; min-height: 2.1rem;
  border: 1px solid color-mix(in srgb, var(--etude-faint) 55%, var(--etude-line)); border-radius: .4rem; padding: .2rem .55rem;
}
button { cursor: pointer; }
button:hover:not(:disabled), select:hover { border-color: var(--etude-accent); }
button.primary, button[aria-pressed='true'] { background: var(--etude-accent); color: var(--etude-on-accent); border-color: var(--etude-accent); }
button:disabled, select:disabled, input:disabled { opacity: .5; cursor: default; }
button.link { border: 0; background: none; padding: 0 .1rem; min-height: 1.5rem; color: var(--etude-accent); text-decoration: underline; text-align: left; }
input[type='range'], input[type='checkbox'] { accent-color: var(--etude-accent); }
input[type='checkbox'] { width: 1.1rem; height: 1.1rem; margin: .4rem 0; }
input[type='range'] { height: 2.1rem; margin: 0; }
[aria-invalid='true'] { border-color: var(--etude-warn) !important; }
.row, .toolbar { display: flex; flex-wrap: wrap; gap: .45rem .9rem; align-items: center; }
.row { gap: .5rem; }
.group { display: flex; flex-wrap: wrap; gap: .25rem; align-items: center; }
.legend, .field > label { font-size: .85rem; color: var(--etude-faint); }
.toolbar .field { display: flex; gap: .35rem; align-items: center; min-width: 0; }
.toolbar .field select { min-width: 0; }
.track { position: relative; margin: 0 0 .35rem; }
.track-head { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: baseline; font-size: .85rem; color: var(--etude-faint); min-height: 1.3rem; }
.track-head strong { color: var(--etude-ink); font-weight: 600; }
canvas { display: block; width: 100%; }
.track canvas { touch-action: pan-y; cursor: crosshair; }
.key { display: inline-flex; align-items: center; gap: .3rem; white-space: nowrap; }
.track-head .key { flex-wrap: wrap; white-space: normal; }
.row > .key { white-space: normal; }
.dash, .ramp { flex: none; }
.ramp { display: inline-block; width: 5rem; height: .65rem; border: 1px solid var(--etude-line); }
.dash { display: inline-block; width: 1.4rem; height: 0; border-top: 3px solid var(--series, currentColor); }
.dash.dashed { border-top-style: dashed; }
.dash.dotted { border-top-style: dotted; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .85rem; color: var(--etude-faint); }
.dash.chosen { border-color: var(--etude-choice); }
.row[hidden] { display: none; }
.tip {
  position: fixed; z-index: 8; pointer-events: none; max-width: 19rem; background: var(--etude-raised); color: var(--etude-ink); border: 1px solid var(--etude-line);
  border-radius: .4rem; padding: .35rem .55rem; font-size: .85rem; line-height: 1.35; box-shadow: 0 2px 10px rgb(0 0 0 / .25); white-space: pre-line;
}
.tip[hidden], .key[hidden] { display: none; }
.message {
  display: flex; gap: 1rem; align-items: center; justify-content: space-between; margin-top: .75rem; padding: .5rem .9rem;
  background: var(--etude-soft); border-left: 4px solid var(--etude-accent); border-radius: 4px;
}
.message .row { flex: none; }
.message p { margin: 0; overflow-wrap: anywhere; }
.message.error { border-left-color: var(--etude-warn); }
.player { display: flex; gap: .6rem; align-items: center; font-variant-numeric: tabular-nums; }
.player input { width: 9rem; min-width: 4rem; flex: 1 1 4rem; }
.player output { font-size: .85rem; color: var(--etude-faint); white-space: nowrap; }
@media (max-width: 999px), (pointer: coarse) {
  button, select { min-width: 1.9rem; min-height: 2.2rem; }
  a, th button, button.link { display: inline-block; min-width: 24px; min-height: 24px; padding-block: .1rem; }
  input[type='checkbox'] { width: 24px; height: 24px; }
  summary { min-height: 24px; padding-block: .15rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`.trim();
