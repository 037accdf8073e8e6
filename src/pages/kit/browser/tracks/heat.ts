import type { ColumnAxis } from '../../coarse-axis.ts';
import { heatImage, type HeatPixels } from '../../heat-image.ts';
import { gutterText, inPlot, insteadText, markDetail } from '../drawing.ts';
import { element } from '../elements.ts';
import { rampKey, trackHead } from '../legend.ts';
import { onScheme, palette, type Palette, type Ramp } from '../palette.ts';
import type { Frame, TimelineState, Track } from '../timeline.ts';

/** A heat map: its pixels' numbers, and what its rows are called, in the order in which they are drawn. */
export interface HeatRows extends HeatPixels {
  names: readonly string[];
  /** What the ends of the colours stand for, in words. */
  ends: readonly [low: string, high: string];
}

/** Means of neighbouring notes, all along the axis, and where their columns are on it. */
export interface CoarseHeat {
  heat: HeatPixels;
  axis: ColumnAxis;
}

export interface HeatTrackOptions {
  label: string;
  title: Node | string;
  /** The numbers of now; undefined where there are none. */
  heat(): HeatRows | undefined;
  /** Means of the same rows, shown where `heat` has no columns; undefined where it has all. */
  coarse?(state: TimelineState): CoarseHeat | undefined;
  /** What stands in the place of a picture where there are none. */
  absent: string;
  ramp(colours: Palette): Ramp;
  /** The row that is marked; -1 for none. */
  chosen(): number;
  /** A click on a note of a row, or a key that goes to another row. */
  choose(row: number, note?: number): void;
  describe(row: number, note: number): string;
}

/** Rows at least so high have their name beside them. */
const NAMED_ROW = 11;

/** Tracks of many rows in colours: a row a unit, a column a note. */
export function heatTrack(options: HeatTrackOptions): Track {
  const { heat, chosen, choose } = options;
  const key = element('span', { class: 'key' });
  let told: HeatRows | undefined;
  const legend = (): void => {
    const shown = (told = heat());
    key.hidden = !shown;
    if (shown) key.replaceChildren(...rampKey(shown.ends[0], options.ramp(palette()), shown.ends[1]));
  };
  legend();
  onScheme(legend);
  const [cache, coarseCache] = [new ImageCache(), new ImageCache()];
  const rowAt = (y: number, rows: number): number => Math.min(rows - 1, Math.max(0, Math.floor((y / track.height()) * rows))); // prettier-ignore
  const track: Track = {
    label: options.label,
    head: trackHead(options.title, key),
    arrows(by) {
      const shown = heat();
      if (shown) choose(Math.min(shown.names.length - 1, Math.max(0, chosen() + by)));
    },
    height: () => heatHeight(heat()?.names.length ?? 0),
    draw(frame) {
      const shown = heat();
      if (shown !== told) legend();
      if (!shown) return insteadText(frame, options.absent);
      const { pixels } = options.ramp(frame.palette);
      const coarse = options.coarse?.(frame);
      inPlot(frame, () => {
        frame.context.fillStyle = frame.palette.shade;
        frame.context.fillRect(frame.left, 0, frame.width - frame.left, frame.height);
      });
      if (coarse) coarseCache.draw(frame, coarse.heat, coarse.axis, pixels);
      cache.draw(frame, shown, frame.axis, pixels);
      if (coarse) markDetail(frame, { from: shown.firstNote, to: shown.firstNote + shown.columns });
      drawRows(frame, shown.names, chosen());
    },
    describe(note, y) {
      const shown = heat();
      return shown && options.describe(rowAt(y, shown.names.length), note);
    },
    press(note, y) {
      const shown = heat();
      if (shown) choose(rowAt(y, shown.names.length), note);
    },
  };
  return track;
}

function heatHeight(rows: number): number {
  return rows === 0 ? 32 : Math.round(Math.min(420, rows * Math.min(16, Math.max(1.5, 256 / rows))));
}

/** The chosen row: a frame around it, its name in the gutter; all names where there is room. */
function drawRows(frame: Frame, names: readonly string[], chosen: number): void {
  const { context, left, width, height, palette: colours } = frame;
  const row = height / names.length;
  if (row >= NAMED_ROW) names.forEach((name, k) => gutterText(frame, name, (k + 0.5) * row));
  if (chosen < 0) return;
  const middle = (chosen + 0.5) * row;
  if (row < NAMED_ROW) {
    context.fillStyle = colours.choice;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(`${names[chosen]} ▸`, left - 4, Math.min(height - 7, Math.max(7, middle)));
  }
  context.strokeStyle = colours.choice;
  context.lineWidth = 1.5;
  const thick = Math.max(4, row + 2);
  context.strokeRect(left + 0.75, middle - thick / 2, width - left - 1.5, thick);
}

/** The pixels of a heat map, made anew only where the window, the size, the numbers or the colours are others. */
class ImageCache {
  readonly #canvas = document.createElement('canvas');
  #key: unknown[] = [];

  draw(frame: Frame, heat: HeatPixels, axis: ColumnAxis, pixels: Uint32Array): void {
    const { context, window, width, left, height, ratio } = frame;
    const across = Math.max(1, Math.round((width - left) * ratio));
    const key = [heat, axis, window.from, window.to, across, pixels];
    if (key.some((part, k) => part !== this.#key[k])) {
      this.#key = key;
      const image = heatImage(heat, axis, window, across, pixels);
      this.#canvas.width = across;
      this.#canvas.height = heat.rows.length;
      const bytes = new Uint8ClampedArray(image.buffer as ArrayBuffer);
      this.#canvas.getContext('2d')!.putImageData(new ImageData(bytes, across, heat.rows.length), 0, 0);
    }
    inPlot(frame, () => {
      context.imageSmoothingEnabled = false;
      context.drawImage(this.#canvas, left, 0, width - left, height);
    });
  }
}
