import type { Quantity } from '../../../../study/study-data.ts';
import { cssGradient } from '../../../kit/colour-scales.ts';
import { heatImage } from '../../../kit/heat-image.ts';
import { figure, QUANTITY_NAMES } from '../../figures/words.ts';
import { element } from '../../../kit/browser/elements.ts';
import { onScheme, palette } from '../../../kit/browser/palette.ts';
import type { Store } from '../store.ts';
import type { Heat, Study } from '../study.ts';
import type { Frame, Track } from '../timeline.ts';
import { gutterText, inPlot, insteadText } from './drawing.ts';

/** A quantity of all units of the chosen layer: a row a unit, those alike together, a column a note. */
export function heatTrack(study: Study, store: Store, quantity: Quantity): Track {
  const { symbol, name } = QUANTITY_NAMES[quantity];
  const ramp = element('span', { class: 'ramp' });
  const low = element('span', {});
  const high = element('span', {});
  const key = element('span', { class: 'key' }, low, ramp, high);
  const head = element('div', { class: 'track-head' }, element('span', {}, element('strong', {}, symbol), ` ${name}`), key); // prettier-ignore
  const heat = (): Heat | undefined => study.heat(store.state.layer, quantity);
  const sequential = quantity === 'i' || quantity === 'f' || quantity === 'o';
  const legend = (): void => {
    const shown = heat();
    key.hidden = !shown;
    low.textContent = figure(shown?.low, 2);
    high.textContent = figure(shown?.high, 2);
    ramp.style.background = cssGradient(sequential ? palette().sequential : palette().diverging);
  };
  store.on(['layer'], legend);
  onScheme(legend);
  const cache = new ImageCache();
  const rowAt = (y: number, height: number, rows: number): number => Math.min(rows - 1, Math.max(0, Math.floor((y / height) * rows))); // prettier-ignore
  const track: Track = {
    label: `Heat map of the ${name} of all units. Arrow keys up and down choose a unit, left and right a note.`,
    head,
    arrows(by) {
      const shown = heat();
      if (!shown) return;
      const { layer } = study.data.layers[store.state.layer];
      const { unit } = store.state;
      const at = unit?.layer === layer ? shown.units.indexOf(unit.unit) : -1;
      const next = Math.min(shown.units.length - 1, Math.max(0, at + by));
      store.update({ unit: { layer, unit: shown.units[next] } });
    },
    height: () => heatHeight(heat()?.rows.length ?? 0),
    draw(frame) {
      const shown = heat();
      if (!shown) return insteadText(frame, `The ${name} of this layer is not in this study; see what was left out.`);
      cache.draw(frame, shown, sequential);
      drawUnit(frame, study, shown);
    },
    describe(note, y) {
      const shown = heat();
      if (!shown) return undefined;
      const row = rowAt(y, track.height(), shown.rows.length);
      const column = note - shown.firstNote;
      const inside = column >= 0 && column < shown.columns;
      const value = inside ? shown.values[shown.rows[row] * shown.columns + column] : NaN;
      const unit = { layer: study.data.layers[store.state.layer].layer, unit: shown.units[row] };
      return `${study.unitName(unit)}\n${symbol} = ${inside ? figure(value) : 'not in this study'}\nafter ${study.noteName(note)} at ${figure(study.data.song.start[note], 4)} s`;
    },
    press(note, y) {
      const shown = heat();
      if (!shown) return;
      const unit = shown.units[rowAt(y, track.height(), shown.rows.length)];
      store.update({ note, unit: { layer: study.data.layers[store.state.layer].layer, unit } });
    },
  };
  return track;
}

function heatHeight(rows: number): number {
  return rows === 0 ? 32 : Math.round(Math.min(420, rows * Math.min(16, Math.max(1.5, 256 / rows))));
}

/** The chosen unit: a frame around its row, its number in the gutter; all numbers where there is room. */
function drawUnit(frame: Frame, study: Study, { units }: Heat): void {
  const { context, left, width, height, palette: colours, state } = frame;
  const row = height / units.length;
  if (row >= 11) units.forEach((unit, k) => gutterText(frame, String(unit), (k + 0.5) * row));
  const { unit } = state;
  if (!unit || unit.layer !== study.data.layers[state.layer].layer) return;
  const at = units.indexOf(unit.unit);
  if (at < 0) return;
  const middle = (at + 0.5) * row;
  if (row < 11) {
    context.fillStyle = colours.choice;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(`${unit.unit} ▸`, left - 4, Math.min(height - 7, Math.max(7, middle)));
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

  draw(frame: Frame, heat: Heat, sequential: boolean): void {
    const { context, axis, window, width, left, height, ratio, palette: colours } = frame;
    const pixels = sequential ? colours.sequentialPixels : colours.divergingPixels;
    const across = Math.max(1, Math.round((width - left) * ratio));
    const key = [heat, axis, window.from, window.to, across, pixels];
    if (key.some((part, k) => part !== this.#key[k])) {
      this.#key = key;
      const image = heatImage(heat.levels, heat, axis, window, across, pixels);
      this.#canvas.width = across;
      this.#canvas.height = heat.rows.length;
      const bytes = new Uint8ClampedArray(image.buffer as ArrayBuffer);
      this.#canvas.getContext('2d')!.putImageData(new ImageData(bytes, across, heat.rows.length), 0, 0);
    }
    inPlot(frame, () => {
      context.fillStyle = colours.shade;
      context.fillRect(left, 0, width - left, height);
      context.imageSmoothingEnabled = false;
      context.drawImage(this.#canvas, left, 0, width - left, height);
    });
  }
}
