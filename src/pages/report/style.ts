import { DOCUMENT_STYLE } from '../kit/style.ts';

/** What the report has beyond other pages: bars of ranges, and sound. The pictures bring their own style. */
export const REPORT_STYLE = `
${DOCUMENT_STYLE}
.range .band { fill: var(--etude-line); }
.range .median { stroke: var(--etude-faint); stroke-width: 2; }
.range .spread { stroke: var(--etude-ink); stroke-width: 1; }
.range .in { fill: var(--etude-accent); }
.range .out { fill: var(--etude-series-1); }
audio { display: block; width: 100%; max-width: 32rem; margin: 1rem 0 .5rem; }
@media print { audio { display: none; } }
`.trim();
