import uPlot from 'uplot';
import { element } from '../../kit/browser/elements.ts';
import { onScheme, palette } from '../../kit/browser/palette.ts';

/** A line to be drawn: its name, and whether it is dashed, so that colour is not all that tells it. */
export interface Line {
  label: string;
  dash?: number[];
  /** Dots, no line. */
  dots?: boolean;
}

/** Dashes by place: the first line is whole. */
const DASHES: (number[] | undefined)[] = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]];
const HEIGHT = 150;

/** A line chart over training steps, that lives and grows. */
export class Chart {
  readonly element: HTMLElement;
  readonly #title: string;
  readonly #unit: string;
  #lines: Line[] = [];
  #columns: (number | null)[][] = [[]];
  #plot?: uPlot;

  constructor(title: string, unit: string) {
    this.#title = title;
    this.#unit = unit;
    this.element = element('figure', { class: 'chart' }, element('figcaption', {}, title));
    new ResizeObserver(() => this.#resize()).observe(this.element);
    onScheme(() => this.#rebuild());
  }

  /** Other lines from now on, without data. */
  setLines(lines: Line[]): void {
    this.#lines = lines;
    this.#columns = [[], ...lines.map(() => [])];
    this.#rebuild();
  }

  /** The steps, and a column for each line. */
  setData(columns: (number | null)[][]): void {
    this.#columns = columns;
    this.#plot?.setData(columns as uPlot.AlignedData);
  }

  #rebuild(): void {
    this.#plot?.destroy();
    if (this.#lines.length === 0) return;
    const colours = palette();
    const axis: uPlot.Axis = {
      stroke: colours.faint,
      grid: { stroke: colours.grid, width: 1 },
      ticks: { stroke: colours.grid, width: 1, size: 4 },
      font: '12px system-ui, sans-serif',
    };
    this.#plot = new uPlot(
      {
        width: Math.max(200, this.element.clientWidth),
        height: HEIGHT,
        scales: { x: { time: false } },
        cursor: { points: { size: 5 } },
        axes: [
          { ...axis, size: 28 },
          { ...axis, size: 46 },
        ],
        series: [
          { label: 'step' },
          ...this.#lines.map(({ label, dash, dots }, k): uPlot.Series => {
            const stroke = colours.series[k % colours.series.length];
            const value = (_: uPlot, raw: number | null): string =>
              raw === null || raw === undefined ? '–' : raw.toPrecision(4);
            if (dots) return { label, stroke, value, width: 0, points: { show: true, size: 7, fill: stroke } };
            return {
              label,
              stroke,
              value,
              width: 1.5,
              dash: dash ?? DASHES[k % DASHES.length],
              points: { show: false },
            };
          }),
        ],
      },
      this.#columns as uPlot.AlignedData,
      this.element,
    );
    const canvas = this.element.querySelector('canvas')!;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${this.#title}, ${this.#unit}, over training steps`);
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (this.#plot && width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }
}
