import { isBlackKey } from '../../../midi/note-names.ts';
import { QUANTITIES, type PhraseView, type Quantity } from '../phrase.ts';
import type { Surface } from '../../kit/browser/canvas.ts';
import { diverging, mix, type Colours } from './colours.ts';
import { rangeOf } from './roll.ts';
import { spanOfNote } from './step-axis.ts';

/** The chosen note and unit, marked on every band. */
export interface Choice {
  at: number;
  unit: number;
}

/** The phrase as a piano roll on the axis of steps. */
export function drawPhraseRoll(
  { context, width, height }: Surface,
  view: PhraseView,
  { at }: Choice,
  colours: Colours,
): void {
  const column = width / view.pitch.length;
  const [low, high] = rangeOf(view.pitch.map((pitch) => ({ pitch })));
  const row = height / (high - low + 1);
  const yOf = (pitch: number): number => height - (pitch - low + 1) * row;
  context.fillStyle = colours.soft;
  for (let pitch = low; pitch <= high; pitch++) if (isBlackKey(pitch)) context.fillRect(0, yOf(pitch), width, row);
  markColumn(context, at, column, height, colours);
  view.pitch.forEach((pitch, index) => {
    const [from, to] = spanOfNote(view, index);
    context.fillStyle = index === at ? colours.series[1] : colours.accent;
    context.fillRect(from * column, yOf(pitch) + 0.5, Math.max(1.5, (to - from) * column - 1), Math.max(2, row - 1));
  });
}

/** A bar for each note: how much it surprised. Returns what the full height means. */
export function drawSurprise(
  { context, width, height }: Surface,
  view: PhraseView,
  { at }: Choice,
  colours: Colours,
): number {
  const column = width / view.pitch.length;
  const most = Math.max(1, ...view.surprise.filter((value) => Number.isFinite(value)));
  markColumn(context, at, column, height, colours);
  view.surprise.forEach((value, t) => {
    if (!Number.isFinite(value)) return;
    const tall = (value / most) * (height - 2);
    context.fillStyle = t === at ? colours.series[1] : colours.series[4];
    context.fillRect(t * column + 0.5, height - tall, Math.max(1, column - 1), tall);
  });
  return most;
}

/** How many powers of ten the gradient's axis reaches down. */
const DECADES = 4;

/** The norms of dL/dc (bars) and dL/dh (line), on a logarithmic axis. Returns the greatest. */
export function drawGradient(
  { context, width, height }: Surface,
  view: PhraseView,
  { at }: Choice,
  colours: Colours,
): number {
  const column = width / view.pitch.length;
  const most = Math.max(...view.gradientC, ...view.gradientH);
  markColumn(context, at, column, height, colours);
  const tallOf = (value: number): number =>
    value > 0 && most > 0 ? Math.max(0, 1 + Math.log10(value / most) / DECADES) * (height - 2) : 0;
  context.fillStyle = colours.series[2];
  view.gradientC.forEach((value, t) => {
    const tall = tallOf(value);
    context.fillRect(t * column + 0.5, height - tall, Math.max(1, column - 1), tall);
  });
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  view.gradientH.forEach((value, t) => context.lineTo((t + 0.5) * column, height - tallOf(value)));
  context.stroke();
  return most;
}

/** What the colours of a heat map mean. */
export function rangeOfQuantity(view: PhraseView, quantity: Quantity): [low: number, high: number] {
  if (quantity === 'i' || quantity === 'f' || quantity === 'o') return [0, 1];
  if (quantity === 'g' || quantity === 'h') return [-1, 1];
  // A few cells that count notes would leave all others pale.
  const sizes = Float32Array.from(view.values.c, Math.abs).sort();
  const most = Math.max(0.1, sizes[Math.floor(0.97 * (sizes.length - 1))]);
  return [-most, most];
}

/** One column a note, one row a unit; `order` says which unit stands in which row. */
export function drawHeatMap(
  { context, width, height }: Surface,
  view: PhraseView,
  quantity: Quantity,
  { at, unit }: Choice,
  colours: Colours,
): void {
  const { units } = view;
  const steps = view.pitch.length;
  const values = view.values[quantity];
  const [low, high] = rangeOfQuantity(view, quantity);
  const image = new ImageData(steps, units);
  for (let t = 0; t < steps; t++) {
    for (let j = 0; j < units; j++) {
      const value = values[t * units + j];
      const [red, green, blue] = low < 0 ? diverging(colours, value / high) : mix(colours.middle, colours.high, value);
      image.data.set([red, green, blue, 255], (j * steps + t) * 4);
    }
  }
  const small = new OffscreenCanvas(steps, units);
  small.getContext('2d')!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width, height);
  const [column, row] = [width / steps, height / units];
  context.lineWidth = 1.5;
  context.strokeStyle = colours.ink;
  context.strokeRect(at * column + 0.5, 0.75, column, height - 1.5);
  context.strokeRect(0.75, unit * row - 0.75, width - 1.5, Math.max(3, row + 1.5));
}

/** The gates and the output of one unit as lines from -1 to 1; its cell on a scale of its own. Returns that scale's end. */
export function drawUnit(
  { context, width, height }: Surface,
  view: PhraseView,
  { at, unit }: Choice,
  colours: Colours,
): number {
  const { units } = view;
  const steps = view.pitch.length;
  const column = width / steps;
  const of = (name: Quantity, t: number): number => view.values[name][t * units + unit];
  let most = 0.1;
  for (let t = 0; t < steps; t++) most = Math.max(most, Math.abs(of('c', t)));
  markColumn(context, at, column, height, colours);
  context.fillStyle = colours.line;
  context.fillRect(0, Math.round(height / 2), width, 1);
  QUANTITIES.forEach((name, k) => {
    const scale = (height / 2 - 2) / (name === 'c' ? most : 1);
    context.strokeStyle = name === 'c' ? colours.ink : colours.series[UNIT_COLOURS[k]];
    context.lineWidth = name === 'c' ? 2 : 1.25;
    context.setLineDash(UNIT_DASHES[k]);
    context.beginPath();
    for (let t = 0; t < steps; t++) context.lineTo((t + 0.5) * column, height / 2 - of(name, t) * scale);
    context.stroke();
  });
  context.setLineDash([]);
  return most;
}

/** By quantity (i f g o c h): which colour of the series, and which dashes. */
export const UNIT_COLOURS = [0, 1, 2, 3, 0, 4] as const;
const UNIT_DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [], [3, 2]];

function markColumn(context: Surface['context'], at: number, column: number, height: number, colours: Colours): void {
  context.fillStyle = colours.line;
  context.fillRect(at * column, 0, column, height);
}
