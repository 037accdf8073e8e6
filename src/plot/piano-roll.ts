import { scaleLinear } from 'd3-scale';
import { UsageError } from '../errors.ts';
import { noteName } from '../midi/note-names.ts';
import { emptyNote, RIGHT_MARGIN, sideTitle, X_AXIS_HEIGHT, xAxis, Y_AXIS_WIDTH } from './axes.ts';
import { keyRows, octaveRange, rowCount, type KeyRange } from './keys.ts';
import { type Area, checkSize, FONT_SIZE, picture, TITLE_HEIGHT } from './picture.ts';
import { coordinate, element, escapeText, text, textWidth } from './svg.ts';
import { classes, LOUDNESS_STEPS } from './theme.ts';
import { fittingTicks, linearTicks } from './ticks.ts';
import { counted, formatCount } from '../text/words.ts';

/** A note to be drawn. */
export interface RollNote {
  /** MIDI key number, 0 to 127. */
  pitch: number;
  /** 1 to 127. @default 90, for all notes alike */
  velocity?: number;
  /** Seconds. */
  start: number;
  /** Seconds. */
  end: number;
}

export interface PianoRollOptions {
  title: string;
  notes: readonly RollNote[];
  /** The seconds to show. @default from 0 to the end of the last note */
  range?: readonly [from: number, to: number];
  /** When the sustain pedal goes down and comes up, in turn, in seconds: a band below the keys. @default none */
  pedal?: ArrayLike<number>;
  /** Pixels; the height follows from the keys that are played. @default 960 */
  width?: number;
}

/** Up to so many notes each say their name, velocity and time under the pointer; more are drawn as one path a loudness. */
export const MAX_TITLED_NOTES = 2_000;
/** More notes than these are not drawn; the picture says how many it shows. At this size it has about 0.7 MB. */
export const MAX_NOTES = 50_000;
/** Seconds: at least so many are shown, of a piece that is over sooner too. */
const SHORTEST_SPAN = 1;
/** Pixels of the band that shows the pedal, and its step of loudness: it stays behind the notes. */
const PEDAL_HEIGHT = 10;
const PEDAL_COLOUR = 1;
const DEFAULT_VELOCITY = 90;
/** Fewer semitones than these would make bars of notes. */
const FEWEST_ROWS = 24;

/**
 * Notes over time, as an SVG document: a row for each key, those of the black keys shaded, the Cs named (C4 = 60); louder
 * notes stand out more from the ground. Notes that reach into the range are cut at its ends.
 *
 * @throws UsageError for a note or a range that cannot be drawn.
 */
export function pianoRoll({ title, notes, range, pedal = [], width = 960 }: PianoRollOptions): string {
  checkSize(title, width, 400);
  notes.forEach(checkNote);
  const [from, to] = checkRange(range ?? [0, Math.max(lastEnd(notes), SHORTEST_SPAN)]);
  const inside = notes.filter(
    ({ start, end }) => (start < to || (start === to && !range)) && Math.max(end, start) >= from,
  );
  const shown = inside.length > MAX_NOTES ? [...inside].sort((a, b) => a.start - b.start).slice(0, MAX_NOTES) : inside;
  const keys = keysOf(shown);
  const rows = rowCount(keys);
  const rowHeight = Math.max(4, Math.min(12, Math.round(360 / rows)));

  const left = Y_AXIS_WIDTH + textWidth('C-1', FONT_SIZE);
  const top = TITLE_HEIGHT + 8;
  const bottom = top + rows * rowHeight + (pedal.length > 0 ? PEDAL_HEIGHT : 0);
  const area: Area = { left, top, right: Math.max(left + 20, width - RIGHT_MARGIN), bottom };
  const x = scaleLinear().domain([from, to]).range([area.left, area.right]);
  const xTicks = fittingTicks(area.right - area.left, (count) => linearTicks(x, count));
  const rowTop = (pitch: number): number => area.top + (keys.high - pitch) * rowHeight;

  const draw = shown.length <= MAX_TITLED_NOTES ? titledNotes : notePaths;
  const place = (note: RollNote): Box => {
    const start = Math.min(x(Math.max(note.start, from)), area.right - 1);
    return {
      x: start,
      y: rowTop(note.pitch),
      width: Math.max(1, x(Math.min(note.end, to)) - start),
      height: rowHeight,
    };
  };
  return picture(
    {
      title,
      description: describe(shown, inside.length, from, to),
      width,
      height: area.bottom + X_AXIS_HEIGHT,
      beside: 220,
    },
    shown.length === inside.length ? loudnessKey(shown, width) : cutNote(shown.length, inside.length, width),
    keyGrid(area, keys, rowHeight),
    element('path', {
      class: classes.grid,
      d: xTicks.map(({ value }) => `M${coordinate(x(value))} ${area.top}V${area.bottom}`).join(''),
    }),
    draw(shown, place),
    pedalBand(area, pedal, [from, to], x),
    sideTitle(area, 'key'),
    xAxis(area, x, xTicks, 'time (s)'),
    shown.length === 0 ? emptyNote(area, 'no notes') : '',
  );
}

/** When the pedal is down, at the bottom of the area. */
function pedalBand(
  { left, bottom }: Area,
  pedal: ArrayLike<number>,
  [from, to]: readonly [number, number],
  x: (seconds: number) => number,
): string {
  if (pedal.length === 0) return '';
  const [y, height] = [bottom - PEDAL_HEIGHT + 2, PEDAL_HEIGHT - 4];
  let d = '';
  for (let k = 0; k + 1 < pedal.length; k += 2) {
    const [down, up] = [Math.max(from, pedal[k]), Math.min(to, pedal[k + 1])];
    if (down >= up) continue;
    const width = coordinate(x(up) - x(down));
    d += `M${coordinate(x(down))} ${y}h${width}v${height}h-${width}Z`;
  }
  return element(
    'g',
    {},
    element('title', {}, 'the sustain pedal is down'),
    element('path', { class: classes.loudness(PEDAL_COLOUR), 'stroke-width': 0, d }),
    element('g', { class: classes.label, 'text-anchor': 'end' }, text('pedal', left - 8, y + height / 2 + 4)),
  );
}

/** Where a note is drawn, in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function lastEnd(notes: readonly RollNote[]): number {
  let last = 0;
  for (const { start, end } of notes) last = Math.max(last, start, end);
  return last;
}

function checkNote({ pitch, velocity, start, end }: RollNote, index: number): void {
  if (!Number.isInteger(pitch) || pitch < 0 || pitch > 127 || !Number.isFinite(start) || !Number.isFinite(end)) {
    throw new UsageError(
      `pianoRoll: note ${index} has pitch ${pitch} from ${start} to ${end} s; expected a key from 0 to 127 and finite times.`,
    );
  }
  if (velocity !== undefined && !(velocity >= 0 && velocity <= 127)) {
    throw new UsageError(`pianoRoll: note ${index} has velocity ${velocity}; expected 1 to 127.`);
  }
}

function checkRange([from, to]: readonly [number, number]): readonly [number, number] {
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw new UsageError(`pianoRoll: expected a range [from, to] of seconds with from < to, got [${from}, ${to}].`);
  }
  return [from, to];
}

/** The keys to show: those of the notes in whole octaves. */
export function keysOf(notes: readonly RollNote[]): KeyRange {
  return octaveRange(
    notes.map(({ pitch }) => pitch),
    FEWEST_ROWS,
  );
}

/** Shaded rows for the black keys, a line below each C and its name beside it. */
export function keyGrid({ left, right, top }: Area, keys: KeyRange, rowHeight: number): string {
  let [shade, lines] = ['', ''];
  const names: string[] = [];
  const width = coordinate(right - left);
  // The lines and names from the bottom up.
  for (const { row, isBlack, name } of keyRows(keys).reverse()) {
    const y = top + row * rowHeight;
    if (isBlack) shade += `M${coordinate(left)} ${y}h${width}v${rowHeight}h-${width}Z`;
    if (name === undefined) continue;
    lines += `M${coordinate(left)} ${y + rowHeight}h${width}`;
    names.push(text(name, left - 8, y + rowHeight / 2 + 4));
  }
  return element(
    'g',
    {},
    element('path', { class: classes.shade, d: shade }),
    element('path', { class: classes.grid, d: lines }),
    element('g', { class: classes.label, 'text-anchor': 'end' }, ...names),
  );
}

function loudnessStep({ velocity = DEFAULT_VELOCITY }: RollNote): number {
  return Math.min(LOUDNESS_STEPS - 1, Math.floor((velocity / 128) * LOUDNESS_STEPS));
}

/** The notes by loudness, soft ones first, so that loud ones lie on top. */
function byLoudness(notes: readonly RollNote[]): [step: number, notes: RollNote[]][] {
  const groups = Array.from({ length: LOUDNESS_STEPS }, (): RollNote[] => []);
  for (const note of notes) groups[loudnessStep(note)].push(note);
  return [...groups.entries()].filter(([, group]) => group.length > 0);
}

/** A rectangle for each note, with its name, velocity and time in a title. */
export function titledNotes(notes: readonly RollNote[], place: (note: RollNote) => Box): string {
  return byLoudness(notes)
    .map(([step, group]) => {
      const boxes = group.map((note) => {
        const { x, y, width, height } = place(note);
        return element(
          'rect',
          { x: x + 0.2, y: y + 0.5, width: Math.max(0.8, width - 0.4), height: height - 1, rx: 1 },
          element('title', {}, escapeText(noteTitle(note))),
        );
      });
      return element('g', { class: classes.loudness(step), 'stroke-width': 0 }, ...boxes);
    })
    .join('');
}

function noteTitle({ pitch, velocity, start, end }: RollNote): string {
  const loudness = velocity === undefined ? '' : `, velocity ${Math.round(velocity)}`;
  return `${noteName(pitch)} (${pitch})${loudness}, ${start.toFixed(2)} to ${end.toFixed(2)} s`;
}

/** One path for each loudness: a note is a thick horizontal stroke of some 15 characters. */
function notePaths(notes: readonly RollNote[], place: (note: RollNote) => Box): string {
  return byLoudness(notes)
    .map(([step, group]) => {
      const boxes = group.map(place);
      const d = boxes
        .map(({ x, y, width, height }) => `M${tenth(x)} ${tenth(y + height / 2)}h${tenth(width)}`)
        .join('');
      return element('path', { class: classes.loudness(step), 'stroke-width': boxes[0].height - 1, d });
    })
    .join('');
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The steps of loudness from soft to loud, at the top right; none where no note has a velocity. */
function loudnessKey(notes: readonly RollNote[], width: number): string {
  if (!notes.some(({ velocity }) => velocity !== undefined)) return '';
  const box = 14;
  const right = width - RIGHT_MARGIN;
  const loud = textWidth('loud', FONT_SIZE);
  const start = right - loud - 6 - LOUDNESS_STEPS * box;
  const boxes = Array.from({ length: LOUDNESS_STEPS }, (_, step) =>
    element('rect', {
      class: classes.loudness(step),
      'stroke-width': 0,
      x: start + step * box,
      y: 16,
      width: box,
      height: 10,
    }),
  );
  return element(
    'g',
    { class: classes.label },
    text('soft', start - 6, 25, { 'text-anchor': 'end' }),
    ...boxes,
    text('loud', right, 25, { 'text-anchor': 'end' }),
  );
}

function cutNote(shown: number, all: number, width: number): string {
  const words = `the first ${formatCount(shown)} of ${counted(all, 'note')}`;
  return text(words, width - RIGHT_MARGIN, 26, { class: classes.label, 'text-anchor': 'end' });
}

/** What the picture shows, for those who cannot see it. */
function describe(notes: readonly RollNote[], all: number, from: number, to: number): string {
  const span = `from ${from.toFixed(2)} to ${to.toFixed(2)} seconds`;
  if (notes.length === 0) return `Piano roll ${span}, without notes.`;
  let [low, high] = [127, 0];
  for (const { pitch } of notes) [low, high] = [Math.min(low, pitch), Math.max(high, pitch)];
  const count =
    notes.length === all ? counted(all, 'note') : `the first ${formatCount(notes.length)} of ${counted(all, 'note')}`;
  return `Piano roll ${span}: ${count} between ${noteName(low)} and ${noteName(high)}.`;
}
