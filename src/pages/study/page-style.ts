import { styleSheet } from '../../plot/theme.ts';

/** The page's style. The colours are those of all our pictures, as custom properties of the body: light, and dark where the reader prefers it. */
export const STUDY_STYLE = `
${styleSheet()}
:root { color-scheme: light dark; --soft: #f6f6f9; --raised: #ffffff; --accent: #0072b2; --accent-ink: #ffffff; --line: #d9d9e0; --warn: #a33b00; --choice: #c2185b; --idle: #c9c9d3; --plus: #0b5c9e; --minus: #a34f00; }
@media (prefers-color-scheme: dark) {
  :root { --soft: #1c1c23; --raised: #202028; --accent: #56b4e9; --accent-ink: #0b1a24; --line: #3a3a46; --warn: #ffab76; --choice: #ff7eb6; --idle: #565664; --plus: #6cb6f2; --minus: #f0a040; }
}
* { box-sizing: border-box; }
html { scroll-padding: 4rem 0 1rem; } /* the bar that stays at the top of the song is that high */
[id] { scroll-margin-top: .25rem; }
body.etude-plot {
  margin: 0; background: var(--etude-paper); color: var(--etude-ink); font-size: 15px; line-height: 1.5; overflow-wrap: break-word;
}
.skip { position: absolute; left: -999px; }
.skip:focus { left: .5rem; top: .5rem; z-index: 9; background: var(--raised); padding: .5rem; }
a { color: var(--accent); }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .35rem; }
.panel h3, [data-view] > h3 { margin-top: .9rem; }
.more { margin-top: .6rem; }
p { margin: .35rem 0; }
.page { max-width: 108rem; margin: 0 auto; padding: 1.25rem 1.25rem 5rem; display: grid; grid-template-columns: minmax(0, 1fr) clamp(22rem, 29vw, 27rem); gap: 0 1.25rem; }
.page > * { grid-column: 1; min-width: 0; }
.page > .inspector { grid-column: 2; grid-row: 1 / span 40; position: sticky; top: 0; max-height: calc(100vh - 1.25rem); overflow: hidden auto; scrollbar-width: thin; align-self: start; padding: .25rem .5rem 2rem .25rem; }
section { margin: 0 0 2.25rem; }
.part { border-top: 1px solid var(--line); padding-top: 1rem; }
.lead, .note, .faint { color: var(--etude-faint); }
.lead { margin-bottom: 1rem; }
.note, .explain p { max-width: 48rem; font-size: .93rem; }
details.explain { margin: 0 0 .75rem; }
details > summary { cursor: pointer; color: var(--accent); width: fit-content; }
.findings { list-style: none; counter-reset: finding; margin: 0; padding: 0; display: grid; gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.more > .findings { counter-reset: finding 5; }
.findings > li { counter-increment: finding; background: var(--soft); border-radius: .5rem; padding: .6rem .8rem .6rem 2.3rem; position: relative; }
.findings > li::before { content: counter(finding); position: absolute; left: .8rem; font-weight: 700; color: var(--accent); }
.findings .links { display: flex; flex-wrap: wrap; gap: .1rem .8rem; font-size: .9rem; }
button, select, .button {
  font: inherit; font-size: .9rem; color: var(--etude-ink); background: var(--raised); border: 1px solid var(--line); border-radius: .4rem;
  padding: .2rem .55rem; min-height: 2rem; cursor: pointer;
}
button:hover, select:hover { border-color: var(--accent); }
button[aria-pressed='true'] { background: var(--accent); color: var(--accent-ink); border-color: var(--accent); }
button:disabled { opacity: .45; cursor: default; }
button.link { border: 0; background: none; padding: 0 .1rem; min-height: 1.5rem; color: var(--accent); text-decoration: underline; text-align: left; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.toolbar { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: center; margin: 0 0 .5rem; }
.toolbar.sticky { position: sticky; top: 0; z-index: 3; background: var(--etude-paper); padding: .4rem 0; border-bottom: 1px solid var(--line); }
.group { display: flex; flex-wrap: wrap; gap: .25rem; align-items: center; border: 0; margin: 0; padding: 0; }
.group > .legend, label { font-size: .9rem; color: var(--etude-faint); }
label { display: inline-flex; gap: .35rem; align-items: center; }
.track { position: relative; margin: 0 0 .35rem; }
.track-head { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: baseline; font-size: .85rem; color: var(--etude-faint); min-height: 1.3rem; }
.track-head strong { color: var(--etude-ink); font-weight: 600; }
.track canvas, .overview canvas { display: block; width: 100%; touch-action: pan-y; cursor: crosshair; }
.overview canvas { cursor: grab; }
.key { display: inline-flex; align-items: center; gap: .3rem; white-space: nowrap; }
.track-head .key { flex-wrap: wrap; white-space: normal; }
.ramp { display: inline-block; width: 5rem; height: .65rem; border: 1px solid var(--line); }
.dash { display: inline-block; width: 1.4rem; height: 0; border-top: 3px solid currentColor; }
.tip {
  position: fixed; z-index: 8; pointer-events: none; max-width: 19rem; background: var(--raised); color: var(--etude-ink); border: 1px solid var(--line);
  border-radius: .4rem; padding: .35rem .55rem; font-size: .85rem; line-height: 1.35; box-shadow: 0 2px 10px rgb(0 0 0 / .25); white-space: pre-line;
}
.tip[hidden] { display: none; }
.panel { background: var(--soft); border-radius: .5rem; padding: .7rem .8rem; margin: 0 0 .8rem; font-size: .93rem; }
.panel table + *, .panel .wide + .wide { margin-top: .5rem; }
.panel table { font-size: .85rem; max-width: 100%; }
.panel th, .panel td { padding-right: .5rem; padding-top: .12rem; padding-bottom: .12rem; }
.panel tr > :last-child { padding-right: 0; }
.panel thead th { white-space: normal; }
.panel p { line-height: 1.35; }
.panel h2 { font-size: 1.05rem; display: flex; justify-content: space-between; gap: .5rem; align-items: center; }
.panel dl, dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .8rem; margin: 0 0 .5rem; font-size: .92rem; }
dt { color: var(--etude-faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; font-weight: 400; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--etude-faint); white-space: nowrap; }
th button { border: 0; background: none; padding: 0; min-height: 1.6rem; color: inherit; font-size: inherit; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.chosen > * { background: color-mix(in srgb, var(--choice) 6%, transparent); box-shadow: inset 0 -2px var(--choice); }
.plus { color: var(--plus); }
.minus { color: var(--minus); }
.badge { border: 1px solid var(--warn); color: var(--warn); border-radius: 1rem; padding: 0 .5rem; font-size: .8rem; white-space: nowrap; }
.cards { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); list-style: none; margin: 0 0 .6rem; padding: 0; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .65rem; font-size: .88rem; line-height: 1.4; }
.card.chosen { border-color: var(--choice); box-shadow: inset 0 0 0 1px var(--choice); }
.card h3 { display: flex; justify-content: space-between; align-items: baseline; margin: 0; }
svg { display: block; max-width: 100%; }
svg text { fill: var(--etude-faint); font-size: 12px; }
svg .ink { fill: var(--etude-ink); }
svg .axis { stroke: var(--etude-faint); fill: none; }
svg .grid { stroke: var(--etude-grid); fill: none; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .mark { stroke: var(--etude-faint); stroke-dasharray: 2 3; fill: none; }
svg .cursor { stroke: var(--etude-ink); fill: none; }
svg .hole { fill: var(--etude-paper); }
svg .choice { stroke: var(--choice); stroke-width: 2.5; fill: none; }
svg .gate-low { fill: #440154; } svg .gate-middle { fill: var(--etude-grid); } svg .gate-high { fill: #fde725; }
svg .frame { fill: none; stroke: var(--line); }
.gate { display: inline-block; width: .7rem; height: .7rem; border: 1px solid var(--line); }
.gate.low { background: #440154; } .gate.middle { background: var(--etude-grid); } .gate.high { background: #fde725; }
.chart { position: relative; }
.chart canvas { display: block; width: 100%; cursor: crosshair; }
.two { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.now { position: fixed; left: 0; right: 0; bottom: 0; z-index: 5; background: var(--raised); border-top: 1px solid var(--line); padding: .4rem .9rem; font-size: .88rem; display: flex; gap: .2rem .9rem; flex-wrap: wrap; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { color: var(--etude-faint); font-size: .9rem; }
@media (min-width: 1000px) { .now { display: none; } }
@media (max-width: 999px) {
  .page { grid-template-columns: minmax(0, 1fr); padding: 1rem .8rem 5rem; }
  .page > .inspector { grid-column: 1; grid-row: auto; position: static; max-height: none; padding: 0; }
  html { scroll-padding-bottom: 4rem; } /* what is chosen stands there */
}
@media (max-width: 999px), (pointer: coarse) {
  button, select { min-width: 1.9rem; }
  a, th button, button.link { display: inline-block; min-width: 24px; min-height: 24px; padding-block: .1rem; }
  summary { min-height: 24px; padding-block: .15rem; }
}
@media (max-width: 600px) { dl.facts { grid-template-columns: minmax(0, 1fr); } dl.facts dd { margin-bottom: .4rem; } h1 { font-size: 1.3rem; } button, select { min-height: 2.2rem; } .toolbar.sticky { position: static; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  .page { display: block; } .page > .inspector { position: static; max-height: none; overflow: visible; }
  .toolbar, .now, .tip, .overview, .more, .skip { display: none !important; } section, .panel, .card { break-inside: avoid; } #timeline, #units, #ablation { break-inside: auto; }
  .toolbar.sticky { position: static; }
}
`.trim();
