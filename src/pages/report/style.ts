/** The page's style, light and dark as the reader prefers; the pictures bring their own. */
export const REPORT_STYLE = `
:root {
  --paper: #ffffff; --ink: #1c1c22; --faint: #55555f; --line: #e3e3e8; --soft: #f6f6f9; --accent: #0072b2; --alarm: #d55e00;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #16161b; --ink: #ececf1; --faint: #a9a9b6; --line: #33333d; --soft: #1f1f27; --accent: #56b4e9; --alarm: #e69f00; }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
.verdict { font-size: 1.1rem; max-width: 46rem; }
.note { color: var(--faint); max-width: 46rem; }
a { color: var(--accent); }
svg { display: block; max-width: 100%; height: auto; }
.grid { margin: 0 0 1.25rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .95rem; }
th, td { text-align: left; font-weight: 400; padding: .3rem 1.25rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--faint); }
tbody th { color: var(--ink); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.range .band { fill: var(--line); }
.range .median { stroke: var(--faint); stroke-width: 2; }
.range .spread { stroke: var(--ink); stroke-width: 1; }
.range .in { fill: var(--accent); }
.range .out { fill: var(--alarm); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
audio { display: block; width: 100%; max-width: 32rem; margin: 1rem 0 .5rem; }
footer { margin-top: 3rem; color: var(--faint); font-size: .9rem; }
@media print { section { break-inside: avoid; } audio { display: none; } }
`.trim();
