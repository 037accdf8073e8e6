import type { FigureComparison } from '../../music/index.ts';

const WIDTH = 140;
const HEIGHT = 14;
/** Room for dots at the ends. */
const MARGIN = 5;

/** A figure of two groups on one axis, as a small picture: the human 5 to 95 % as a band, the generated as a line with a dot at the median. */
export function rangeBar({
  reference,
  pieces,
  inside,
}: Pick<FigureComparison, 'reference' | 'pieces' | 'inside'>): string {
  if (!reference || !pieces) return '';
  const least = Math.min(reference.p5, pieces.p5);
  const most = Math.max(reference.p95, pieces.p95);
  const x = (value: number): string => {
    const part = most > least ? (value - least) / (most - least) : 0.5;
    return (MARGIN + part * (WIDTH - 2 * MARGIN)).toFixed(1);
  };
  const width = Math.max(1, Number(x(reference.p95)) - Number(x(reference.p5))).toFixed(1);
  const middle = HEIGHT / 2;
  return (
    `<svg class="range" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">` +
    `<rect class="band" x="${x(reference.p5)}" y="2" width="${width}" height="${HEIGHT - 4}"/>` +
    `<line class="median" x1="${x(reference.median)}" x2="${x(reference.median)}" y1="1" y2="${HEIGHT - 1}"/>` +
    `<line class="spread" x1="${x(pieces.p5)}" x2="${x(pieces.p95)}" y1="${middle}" y2="${middle}"/>` +
    `<circle class="${inside === false ? 'out' : 'in'}" cx="${x(pieces.median)}" cy="${middle}" r="4"/></svg>`
  );
}
