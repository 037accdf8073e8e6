import type { Note } from '../../../midi/types.ts';
import { isBlackKey } from '../../../midi/note-names.ts';
import { surfaceOf, type Surface } from '../../kit/browser/canvas.ts';
import { cssOf, mix, parseHex, readColours } from './colours.ts';

/** Which colour of the series copies have. */
export const COPIES = 3;

/** What is marked on a roll. */
export interface RollMarks {
  /** Notes of this stretch are drawn in the accent, the others faint. */
  phrase?: readonly [from: number, to: number];
  /** Seconds. */
  playhead?: number | null;
  /** How probable each note was, 0 to 1: the more so, the stronger its colour. */
  probabilities?: ArrayLike<number>;
  /** Which notes are copies. */
  copied?: readonly boolean[];
  /** A note that is chosen, and the one that it was copied from, where that is on the roll. */
  chosen?: { index: number; source?: number };
  /** The seconds that the width shows; the end of the last note unless given. */
  seconds?: number;
}

/** The lowest and the highest key of some notes, at least an octave apart; around middle C without notes. */
export function rangeOf(notes: readonly { pitch: number }[]): [low: number, high: number] {
  let [low, high] = [127, 0];
  for (const { pitch } of notes) [low, high] = [Math.min(low, pitch), Math.max(high, pitch)];
  if (low > high) [low, high] = [60, 72];
  const missing = Math.max(0, 12 - (high - low));
  return [Math.max(0, low - 1 - (missing >> 1)), Math.min(127, high + 1 + (missing - (missing >> 1)))];
}

/** Where notes stand on a roll. */
interface Axes {
  low: number;
  row: number;
  seconds: number;
  width: number;
  height: number;
}

function axesOf(notes: readonly Note[], seconds: number | undefined, size: { width: number; height: number }): Axes {
  const [low, high] = rangeOf(notes);
  const { width, height } = size;
  return { low, row: height / (high - low + 1), seconds: seconds ?? endOf(notes), width, height };
}

/** When the last of some notes ends. */
export function endOf(notes: readonly Note[]): number {
  return notes.reduce((end, note) => Math.max(end, note.end), 0.001);
}

/**
 * The note at a place of a roll that {@link drawRoll} drew: the one on which it lies, else the last that had begun there; -1
 * before all.
 * @param size of the roll, in the units of x and y
 */
export function noteAt(
  notes: readonly Note[],
  seconds: number,
  size: { width: number; height: number },
  [x, y]: readonly [x: number, y: number],
): number {
  const { low, row, width, height } = axesOf(notes, seconds, size);
  const [at, key] = [(x / width) * seconds, low + Math.floor((height - y) / row)];
  const under = notes.findLastIndex(({ pitch, start, end }) => pitch === key && start <= at && at < end);
  return under >= 0 ? under : notes.findLastIndex(({ start }) => start <= at);
}

/** Draws notes over seconds, keys upwards, the rows of black keys shaded. */
export function drawRoll(canvas: HTMLCanvasElement, notes: readonly Note[], marks: RollMarks = {}): void {
  const surface = surfaceOf(canvas);
  if (!surface) return;
  const { context, width, height } = surface;
  const colours = readColours();
  const axes = axesOf(notes, marks.seconds, surface);
  const { low, row, seconds } = axes;
  const yOf = (pitch: number): number => height - (pitch - low + 1) * row;
  context.fillStyle = colours.soft;
  for (let pitch = low; yOf(pitch) + row > 0; pitch++)
    if (isBlackKey(pitch)) context.fillRect(0, yOf(pitch), width, row);
  const { phrase, probabilities, playhead, copied, chosen } = marks;
  const ground = parseHex(colours.paper);
  const [drawn, copy] = [parseHex(colours.accent), parseHex(colours.series[COPIES])];
  notes.forEach(({ pitch, start, end }, index) => {
    const inside = !phrase || (index >= phrase[0] && index < phrase[1]);
    const strength = probabilities ? 0.4 + 0.6 * Math.sqrt(probabilities[index]) : inside ? 1 : 0.4;
    const sounding = typeof playhead === 'number' && start <= playhead && playhead < end;
    context.fillStyle = sounding ? colours.series[1] : cssOf(mix(ground, copied?.[index] ? copy : drawn, strength));
    const x = (start / seconds) * width;
    context.fillRect(
      x,
      yOf(pitch) + 0.5,
      Math.max(1.5, ((end - start) / seconds) * width - 0.5),
      Math.max(1.5, row - 1),
    );
  });
  if (chosen) markChosen(surface, notes, chosen, axes, colours.ink);
  if (typeof playhead === 'number') {
    context.fillStyle = colours.ink;
    context.fillRect((playhead / seconds) * width, 0, 1, height);
  }
}

/** A frame round the chosen note, and an arc to it from the one that it was copied from. */
function markChosen(
  { context }: Surface,
  notes: readonly Note[],
  { index, source }: NonNullable<RollMarks['chosen']>,
  { low, row, seconds, width, height }: Axes,
  colour: string,
): void {
  const placeOf = ({ pitch, start }: Note): [x: number, y: number] => {
    return [(start / seconds) * width, height - (pitch - low + 0.5) * row];
  };
  const frame = (note: Note): void => {
    const [x, y] = placeOf(note);
    context.strokeRect(x - 1, y - row / 2 - 0.5, Math.max(3, ((note.end - note.start) / seconds) * width + 1), row + 1);
  };
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  frame(notes[index]);
  if (source === undefined || source >= notes.length) return;
  frame(notes[source]);
  const [[x, y], [fromX, fromY]] = [placeOf(notes[index]), placeOf(notes[source])];
  const top = Math.max(2, Math.min(y, fromY) - 0.25 * height);
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX, top, x, top, x, y);
  context.stroke();
}
