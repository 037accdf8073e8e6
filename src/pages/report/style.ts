import { TEXT_STYLE } from '../kit/style.ts';

/** The page's style: what all pages share, and the layout of this one; the pictures bring their own. */
export const REPORT_STYLE = `
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
.range .band { fill: var(--etude-line); }
.range .median { stroke: var(--etude-faint); stroke-width: 2; }
.range .spread { stroke: var(--etude-ink); stroke-width: 1; }
.range .in { fill: var(--etude-accent); }
.range .out { fill: var(--etude-series-1); }
dl { gap: .25rem 1.5rem; }
audio { display: block; width: 100%; max-width: 32rem; margin: 1rem 0 .5rem; }
footer { margin-top: 3rem; }
@media print { section { break-inside: avoid; } audio { display: none; } }
`.trim();
