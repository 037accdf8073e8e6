import type { Note } from '../../midi/types.ts';
import { isBlackKey } from '../../midi/note-names.ts';
import { surfaceOf } from './canvas.ts';
import { cssOf, mix, parseHex, readColours } from './colours.ts';

/** What is marked on a roll. */
export interface RollMarks {
  /** Notes of this stretch are drawn in the accent, the others faint. */
  phrase?: readonly [from: number, to: number];
  /** Seconds. */
  playhead?: number | null;
  /** How probable each note was, 0 to 1: the more so, the stronger its colour. */
  probabilities?: ArrayLike<number>;
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

/** Draws notes over seconds, keys upwards, the rows of black keys shaded. */
export function drawRoll(canvas: HTMLCanvasElement, notes: readonly Note[], marks: RollMarks = {}): void {
  const surface = surfaceOf(canvas);
  if (!surface) return;
  const { context, width, height } = surface;
  const colours = readColours();
  const [low, high] = rangeOf(notes);
  const row = height / (high - low + 1);
  const yOf = (pitch: number): number => height - (pitch - low + 1) * row;
  context.fillStyle = colours.soft;
  for (let pitch = low; pitch <= high; pitch++) if (isBlackKey(pitch)) context.fillRect(0, yOf(pitch), width, row);
  const seconds = marks.seconds ?? notes.reduce((end, note) => Math.max(end, note.end), 0.001);
  const { phrase, probabilities, playhead } = marks;
  const [ground, accent] = [parseHex(colours.paper), parseHex(colours.accent)];
  notes.forEach(({ pitch, start, end }, index) => {
    const inside = !phrase || (index >= phrase[0] && index < phrase[1]);
    const strength = probabilities ? 0.4 + 0.6 * Math.sqrt(probabilities[index]) : inside ? 1 : 0.4;
    const sounding = typeof playhead === 'number' && start <= playhead && playhead < end;
    context.fillStyle = sounding ? colours.series[1] : cssOf(mix(ground, accent, strength));
    const x = (start / seconds) * width;
    context.fillRect(
      x,
      yOf(pitch) + 0.5,
      Math.max(1.5, ((end - start) / seconds) * width - 0.5),
      Math.max(1.5, row - 1),
    );
  });
  if (typeof playhead === 'number') {
    context.fillStyle = colours.ink;
    context.fillRect((playhead / seconds) * width, 0, 1, height);
  }
}
