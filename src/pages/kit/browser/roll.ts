import { keyRows } from '../../../plot/keys.ts';
import { colourAt, cssColour, parseColour } from '../colour-scales.ts';
import { keyTop, type KeyAxis } from '../roll-place.ts';
import type { Palette } from './palette.ts';

/** Where a roll stands on a canvas, in CSS pixels; the names of the keys stand before `left`, where there is room. */
export interface RollPlace extends KeyAxis {
  context: CanvasRenderingContext2D;
  left: number;
  width: number;
  palette: Palette;
}

/** The notes, in the order in which they begin. */
export interface RollNotes {
  pitch: ArrayLike<number>;
  /** From where to where a note sounds, in pixels. */
  span(note: number): readonly [from: number, to: number];
  /** Draws all of them at once, where they are too many for a rectangle each. */
  paint?(colour: (note: number) => string): void;
}

/** What is marked on a roll. */
export interface RollMarks {
  /** The colour of each note, in place of what the next three say. */
  colour?: (note: number) => string;
  /** Notes of this stretch stand out from the others. */
  phrase?: readonly [from: number, to: number];
  /** How probable each note was, 0 to 1: the more so, the stronger its colour. */
  probabilities?: ArrayLike<number>;
  /** Which notes are copies: they have a colour of their own. */
  copied?: readonly boolean[];
  /** Where the music is, in pixels. The notes that sound there have a colour of their own. */
  playhead?: number | null;
  /** The chosen note. */
  chosen?: number;
  /** The note that the chosen one is a copy of: an arc leads from it. */
  source?: number;
  /** The key that was expected in the place of the chosen note, and what is written beside it. */
  expected?: { pitch: number; text: string };
}

/** Which colour of the series copies have, and notes that sound. */
export const COPIES = 3;
const SOUNDING = 1;
/** How strong the colour of a note is that does not stand out, or that was not probable at all. */
const WEAK = 0.4;
/** A note is at least so wide and thick; from so much on it has an outline, without which a pale one would not be seen. */
export const LEAST_WIDTH = 2;
const LEAST_THICKNESS = 2;
const OUTLINED = { width: 4, thickness: 3 };

/** Draws the keys and the notes. All rolls of the pages are drawn here; as text, for reports, by `plot/piano-roll.ts`. */
export function drawRoll(place: RollPlace, notes: RollNotes, marks: RollMarks = {}): void {
  const { context, left, width, height } = place;
  drawKeys(place);
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, height);
  context.clip();
  drawNotes(place, notes, marks);
  const { chosen, playhead } = marks;
  if (chosen !== undefined && chosen >= 0 && chosen < notes.pitch.length) drawChosen(place, notes, chosen, marks);
  if (typeof playhead === 'number') {
    context.fillStyle = place.palette.ink;
    context.fillRect(playhead, 0, 1, height);
  }
  context.restore();
}

function drawKeys(place: RollPlace): void {
  const { context, left, width, height, palette, keys } = place;
  const row = rowHeight(place);
  for (const { pitch, isBlack, name } of keyRows(keys)) {
    const top = keyTop(place, pitch);
    if (isBlack) {
      context.fillStyle = palette.shade;
      context.fillRect(left, top, width - left, row);
    }
    if (name === undefined) continue;
    context.fillStyle = palette.grid;
    context.fillRect(left, top + row - 0.5, width - left, 1);
    if (left === 0) continue;
    context.fillStyle = palette.faint;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(name, left - 6, Math.min(height - 7, Math.max(7, top + row / 2)));
  }
}

function rowHeight({ keys, height }: KeyAxis): number {
  return height / (keys.high - keys.low + 1);
}

/** Where the notes of a key are drawn: a little less than its row, in the middle of it. */
export function barRow(axis: KeyAxis, pitch: number): [top: number, thickness: number] {
  const row = rowHeight(axis);
  const thickness = Math.max(LEAST_THICKNESS, row - 1);
  return [keyTop(axis, pitch) + (row - thickness) / 2, thickness];
}

function barOf(
  place: RollPlace,
  pitch: number,
  [from, to]: readonly [number, number],
): [number, number, number, number] {
  const [top, thickness] = barRow(place, pitch);
  return [from, top, Math.max(LEAST_WIDTH, to - from - 0.5), thickness];
}

function drawNotes(place: RollPlace, { pitch, span, paint }: RollNotes, marks: RollMarks): void {
  const { context, left, width, palette } = place;
  const { playhead } = marks;
  const colourOf = marks.colour ?? markColours(marks, palette);
  if (paint) return paint(colourOf);
  context.strokeStyle = palette.faint;
  context.lineWidth = 0.6;
  for (let note = 0; note < pitch.length; note++) {
    const ends = span(note);
    if (ends[0] > width) break;
    const bar = barOf(place, pitch[note], ends);
    if (bar[0] + bar[2] < left) continue;
    const sounds = typeof playhead === 'number' && ends[0] <= playhead && playhead < ends[1];
    context.fillStyle = sounds ? palette.series[SOUNDING] : colourOf(note);
    context.fillRect(...bar);
    if (bar[2] > OUTLINED.width && bar[3] >= OUTLINED.thickness) context.strokeRect(...bar);
  }
}

/** The colours of notes by phrase, probability and origin: between the ground and the full colour, the stronger the further. */
function markColours({ phrase, probabilities, copied }: RollMarks, palette: Palette): (note: number) => string {
  const ground = parseColour(palette.paper);
  const [own, copy] = [palette.accent, palette.series[COPIES]].map((colour) => [ground, parseColour(colour)]);
  return (note) => {
    const inside = !phrase || (note >= phrase[0] && note < phrase[1]);
    const strength = probabilities ? WEAK + (1 - WEAK) * Math.sqrt(probabilities[note]) : inside ? 1 : WEAK;
    return cssColour(colourAt(copied?.[note] ? copy : own, strength));
  };
}

/** A frame round the chosen note; dashed what was expected instead of it; an arc from the note that it was copied from. */
function drawChosen(
  place: RollPlace,
  { pitch, span }: RollNotes,
  chosen: number,
  { source, expected }: RollMarks,
): void {
  const { context, palette, height } = place;
  const frame = (note: number): [x: number, y: number] => {
    const [x, y, width, thickness] = barOf(place, pitch[note], span(note));
    context.strokeRect(x, y, Math.max(4, width), thickness);
    return [x, y + thickness / 2];
  };
  context.strokeStyle = palette.choice;
  context.lineWidth = 2.5;
  const [x, y] = frame(chosen);
  if (source !== undefined && source < pitch.length) {
    context.lineWidth = 1.25;
    const [fromX, fromY] = frame(source);
    const top = Math.max(2, Math.min(y, fromY) - 0.25 * height);
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.bezierCurveTo(fromX, top, x, top, x, y);
    context.stroke();
  }
  if (!expected) return;
  const [left, top, width, thickness] = barOf(place, expected.pitch, span(chosen));
  const size = Math.max(6, width);
  context.strokeStyle = context.fillStyle = palette.ink;
  context.lineWidth = 1.2;
  context.setLineDash([3, 2]);
  context.strokeRect(left, top, size, thickness);
  context.setLineDash([]);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(expected.text, left + size + 4, top + thickness / 2);
}
