import { cssColour, SEQUENTIAL } from '../kit/colour-scales.ts';
import { CONTROLS_STYLE, TEXT_STYLE } from '../kit/style.ts';

/** The ends of the scale from little to much: gates that are shut, and that are open. */
const [LEAST, MOST] = [SEQUENTIAL[0], SEQUENTIAL[SEQUENTIAL.length - 1]].map(cssColour);

/** The page's style: what all pages share, and the layout of this one. */
export const STUDY_STYLE = `
${TEXT_STYLE}
${CONTROLS_STYLE}
html { scroll-padding: 4rem 0 1rem; } /* the bar that stays at the top of the song is that high */
[id] { scroll-margin-top: .25rem; }
.panel h3, [data-view] > h3 { margin-top: .9rem; }
.more { margin-top: .6rem; }
.page { max-width: 108rem; margin: 0 auto; padding: 1.25rem 1.25rem 5rem; display: grid; grid-template-columns: minmax(0, 1fr) clamp(22rem, 29vw, 27rem); gap: 0 1.25rem; }
.page > * { grid-column: 1; min-width: 0; }
.page > .inspector { grid-column: 2; grid-row: 1 / span 40; position: sticky; top: 0; max-height: calc(100vh - 1.25rem); overflow: hidden auto; scrollbar-width: thin; align-self: start; padding: .25rem .5rem 2rem .25rem; }
section { margin: 0 0 2.25rem; }
.part { border-top: 1px solid var(--etude-line); padding-top: 1rem; }
.lead { color: var(--etude-faint); margin-bottom: 1rem; }
.verdict { font-weight: 600; }
.explain p { max-width: 48rem; font-size: .93rem; }
.details.warn { color: var(--etude-warn); }
details.explain { margin: 0 0 .75rem; }
summary { color: var(--etude-accent); }
.findings { list-style: none; counter-reset: finding; margin: 0; padding: 0; display: grid; gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.more > .findings { counter-reset: finding 5; }
.findings > li { counter-increment: finding; background: var(--etude-soft); border-radius: .5rem; padding: .6rem .8rem .6rem 2.3rem; position: relative; }
.findings > li::before { content: counter(finding); position: absolute; left: .8rem; font-weight: 700; color: var(--etude-accent); }
.findings .links { display: flex; flex-wrap: wrap; gap: .1rem .8rem; font-size: .9rem; }
.toolbar { margin: 0 0 .5rem; }
.toolbar.sticky { position: sticky; top: 0; z-index: 3; background: var(--etude-paper); padding: .4rem 0; border-bottom: 1px solid var(--etude-line); }
.overview canvas { cursor: grab; touch-action: pan-y; }
.chart canvas { cursor: crosshair; }
.panel { background: var(--etude-soft); border-radius: .5rem; padding: .7rem .8rem; margin: 0 0 .8rem; font-size: .93rem; }
.panel table + *, .panel .wide + .wide { margin-top: .5rem; }
.panel table { font-size: .85rem; max-width: 100%; }
.panel th, .panel td { padding-right: .5rem; padding-top: .12rem; padding-bottom: .12rem; }
.panel tr > :last-child { padding-right: 0; }
.panel thead th { white-space: normal; }
.panel p { line-height: 1.35; }
.panel h2 { font-size: 1.05rem; display: flex; justify-content: space-between; gap: .5rem; align-items: center; }
.panel dl, dl.facts { font-size: .92rem; }
thead th { white-space: nowrap; }
th button { border: 0; background: none; padding: 0; min-height: 1.6rem; color: inherit; font-size: inherit; }
tr.chosen > * { background: color-mix(in srgb, var(--etude-choice) 6%, transparent); box-shadow: inset 0 -2px var(--etude-choice); }
.badge { border: 1px solid var(--etude-warn); color: var(--etude-warn); border-radius: 1rem; padding: 0 .5rem; font-size: .8rem; white-space: nowrap; }
.cards { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); list-style: none; margin: 0 0 .6rem; padding: 0; }
.card { border: 1px solid var(--etude-line); border-radius: .5rem; padding: .5rem .65rem; font-size: .88rem; line-height: 1.4; }
.card.chosen { border-color: var(--etude-choice); box-shadow: inset 0 0 0 1px var(--etude-choice); }
.card h3 { display: flex; justify-content: space-between; align-items: baseline; margin: 0; }
svg text { fill: var(--etude-faint); font-size: 12px; }
svg .ink { fill: var(--etude-ink); }
svg .axis { stroke: var(--etude-faint); fill: none; }
svg .grid { stroke: var(--etude-grid); fill: none; }
svg .curve { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; }
svg .dot { fill: var(--series); }
svg .cursor { stroke: var(--etude-ink); fill: none; }
svg .choice { stroke: var(--etude-choice); stroke-width: 2.5; fill: none; }
svg .gate-low { fill: ${LEAST}; } svg .gate-middle { fill: var(--etude-grid); } svg .gate-high { fill: ${MOST}; }
svg .frame { fill: none; stroke: var(--etude-line); }
.gate { display: inline-block; width: .7rem; height: .7rem; border: 1px solid var(--etude-line); }
.gate.low { background: ${LEAST}; } .gate.middle { background: var(--etude-grid); } .gate.high { background: ${MOST}; }
.chart { position: relative; }
.now { position: fixed; left: 0; right: 0; bottom: 0; z-index: 5; background: var(--etude-raised); border-top: 1px solid var(--etude-line); padding: .4rem .9rem; font-size: .88rem; display: flex; gap: .2rem .9rem; flex-wrap: wrap; }
@media (min-width: 1000px) { .now { display: none; } }
@media (max-width: 999px) {
  .page { grid-template-columns: minmax(0, 1fr); padding: 1rem .8rem 5rem; }
  .page > .inspector { grid-column: 1; grid-row: auto; position: static; max-height: none; padding: 0; }
  html { scroll-padding-bottom: 4rem; } /* what is chosen stands there */
}
@media (max-width: 600px) { dl.facts { grid-template-columns: minmax(0, 1fr); } dl.facts dd { margin-bottom: .4rem; } h1 { font-size: 1.3rem; } .toolbar.sticky { position: static; } }
@media print {
  .page { display: block; } .page > .inspector { position: static; max-height: none; overflow: visible; }
  .toolbar, .now, .tip, .overview, .more, .skip { display: none !important; } section, .panel, .card { break-inside: avoid; } #timeline, #units, #ablation { break-inside: auto; }
  .toolbar.sticky { position: static; }
}
`.trim();
