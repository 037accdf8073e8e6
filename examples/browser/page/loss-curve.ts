const [WIDTH, HEIGHT] = [600, 200];
/** More points than the picture has pixels say nothing. */
const MOST_POINTS = 600;

/** Where a curve of `losses` goes through, scaled to the picture, from 0 at its foot to the largest at its top. */
export function curvePoints(losses: readonly number[]): string {
  const every = Math.max(1, Math.ceil(losses.length / MOST_POINTS));
  const shown = losses.filter((_, step) => step % every === 0);
  const top = Math.max(...shown);
  return shown
    .map((loss, at) => [(at / Math.max(1, shown.length - 1)) * WIDTH, HEIGHT - (loss / top) * HEIGHT])
    .map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(' ');
}

/** Draws the losses of all steps so far into an SVG element. */
export function drawCurve(svg: SVGSVGElement, losses: readonly number[]): void {
  const line = svg.querySelector('polyline') ?? document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  line.setAttribute('points', curvePoints(losses));
  svg.append(line);
}
