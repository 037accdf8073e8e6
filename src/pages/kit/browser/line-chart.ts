import { fittingTicks } from '../../../plot/ticks.ts';
import { digits } from '../../../text/numbers.ts';
import { chartRange, nearestPoint, type ChartData } from '../chart-range.ts';
import { roundTicks } from '../round-ticks.ts';
import { redrawOnChange, surfaceOf } from './canvas.ts';
import { gutterText, inPlot, rule, tickMarks, TICKS_HEIGHT, type Plot } from './drawing.ts';
import { element } from './elements.ts';
import { DASHES, lineKey } from './legend.ts';
import { palette } from './palette.ts';
import type { Tooltip } from './tooltip.ts';

const HEIGHT = 150;
const LEFT = 46;
const GRID_LINES = 4;

/** Lines over whole numbers, such as training steps: a chart that lives and grows. */
export class LineChart {
  readonly root: HTMLElement;
  readonly #xName: string;
  readonly #tooltip: Tooltip;
  readonly #legend = element('div', { class: 'row legend' });
  readonly #canvas: HTMLCanvasElement;
  #names: readonly string[] = [];
  #data: ChartData = { x: [], lines: [] };
  #hover = -1;
  #scheduled = false;

  /**
   * @param title of the chart; with its unit and that of the axis for those who do not see it
   * @param xName what the axis counts
   */
  constructor(title: string, unit: string, xName: string, tooltip: Tooltip) {
    this.#xName = xName;
    this.#tooltip = tooltip;
    this.#canvas = element('canvas', {
      role: 'img',
      'aria-label': `${title}, ${unit}, by ${xName}`,
      onpointermove: (event) => this.#point(event),
      onpointerleave: () => this.#leave(),
    });
    this.root = element('figure', { class: 'chart' }, element('figcaption', {}, title), this.#canvas, this.#legend);
    redrawOnChange(this.#canvas, () => this.#redraw());
  }

  /** Other lines from now on, without data. */
  setLines(names: readonly string[]): void {
    this.#names = names;
    this.#legend.replaceChildren(...names.map((name, k) => lineKey(k, name, k)));
    this.setData({ x: [], lines: names.map(() => []) });
  }

  setData(data: ChartData): void {
    this.#data = data;
    this.#redraw();
  }

  #redraw(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    const surface = surfaceOf(this.#canvas, HEIGHT);
    if (!surface) return;
    const { x: steps, lines } = this.#data;
    const plot: Plot = { ...surface, left: LEFT, height: HEIGHT - TICKS_HEIGHT, palette: palette() };
    const { context } = plot;
    const [low, high] = chartRange(lines);
    const y = (value: number): number => plot.height - 4 - ((value - low) / (high - low)) * (plot.height - 10);
    for (const { value, label } of roundTicks(low, high, GRID_LINES)) {
      rule(plot, y(value), plot.palette.grid);
      gutterText(plot, label, y(value));
    }
    if (steps.length === 0) return;
    const x = this.#scale(plot.width);
    const ends = [steps[0], steps[steps.length - 1]] as const;
    tickMarks(
      plot,
      plot.height,
      fittingTicks(plot.width - LEFT, (count) => roundTicks(...ends, count, true)),
      x,
    );
    inPlot(plot, () => {
      context.lineWidth = 1.5;
      lines.forEach((values, k) => {
        context.strokeStyle = plot.palette.series[k % plot.palette.series.length];
        context.setLineDash(DASHES[k % DASHES.length].pattern);
        context.beginPath();
        let drawing = false;
        values.forEach((value, at) => {
          const isNumber = value !== null && Number.isFinite(value);
          if (isNumber && drawing) context.lineTo(x(steps[at]), y(value));
          else if (isNumber) context.moveTo(x(steps[at]), y(value));
          drawing = isNumber;
        });
        context.stroke();
      });
      context.setLineDash([]);
      if (this.#hover < 0 || this.#hover >= steps.length) return;
      context.fillStyle = plot.palette.ink;
      context.fillRect(Math.round(x(steps[this.#hover])), 0, 1, plot.height);
    });
  }

  /** From a step to pixels. */
  #scale(width: number): (step: number) => number {
    const { x } = this.#data;
    const [first, last] = [x[0], x[x.length - 1]];
    return (step) => LEFT + (last > first ? (step - first) / (last - first) : 0.5) * (width - LEFT - 2);
  }

  #point({ offsetX, clientX, clientY }: PointerEvent): void {
    const { x: steps, lines } = this.#data;
    const scale = this.#scale(this.#canvas.clientWidth);
    this.#hover = nearestPoint(steps, offsetX, scale);
    this.#redraw();
    if (this.#hover < 0) return this.#tooltip.hide();
    const values = lines.map((line, k) => `${this.#names[k]} ${valueText(line[this.#hover])}`);
    this.#tooltip.show(`${this.#xName} ${steps[this.#hover].toLocaleString('en')}\n${values.join('\n')}`, clientX, clientY); // prettier-ignore
  }

  #leave(): void {
    this.#hover = -1;
    this.#tooltip.hide();
    this.#redraw();
  }
}

function valueText(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : digits(value);
}
