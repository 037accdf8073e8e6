/** What the horizontal axis counts: seconds of the song, or its notes, each as wide as the next. */
export type AxisKind = 'seconds' | 'notes';

/** A part of the axis, in positions. */
export interface AxisWindow {
  from: number;
  to: number;
}

/** The notes of a song in time. */
export interface AxisSong {
  /** Seconds, rising. */
  start: readonly number[];
  /** Seconds until the last note has ended. */
  seconds: number;
}

/** Notes that begin within so many seconds are a chord. */
const CHORD = 0.001;
/** The last note lasts so long where the song says nothing else. */
const LEAST_TAIL = 0.25;

/** A note fills so much of its column at least. */
const LEAST_PART = 0.8;

/**
 * The axis that all tracks of a timeline share. A **position** is a place on it: seconds, or notes that have passed. Every note has a
 * column, from its beginning to that of the next; the notes of a chord share theirs evenly, so that none is invisible.
 */
export class TimeAxis {
  readonly kind: AxisKind;
  /** The columns' edges: note n has positions `edges[n]` to `edges[n + 1]`. */
  readonly edges: Float64Array;
  /** Onsets of chords, and the end: where the axis is at each. Both rise. */
  readonly #onsets: number[];
  readonly #positions: number[];

  constructor(kind: AxisKind, { start, seconds }: AxisSong) {
    this.kind = kind;
    const { length } = start;
    this.edges = new Float64Array(length + 1);
    this.#onsets = [];
    this.#positions = [];
    const end = Math.max(seconds, (start[length - 1] ?? 0) + LEAST_TAIL);
    for (let first = 0; first < length;) {
      let next = first + 1;
      while (next < length && start[next] - start[first] < CHORD) next++;
      const until = next < length ? start[next] : end;
      for (let n = first; n < next; n++) {
        const share = (n - first) / (next - first);
        this.edges[n] = kind === 'notes' ? n : start[first] + share * (until - start[first]);
      }
      this.#onsets.push(start[first]);
      this.#positions.push(this.edges[first]);
      first = next;
    }
    this.edges[length] = kind === 'notes' ? length : end;
    this.#onsets.push(end);
    this.#positions.push(this.edges[length]);
  }

  get notes(): number {
    return this.edges.length - 1;
  }

  /** All there is. */
  get whole(): AxisWindow {
    return { from: this.kind === 'notes' ? 0 : Math.min(0, this.edges[0]), to: this.edges[this.notes] };
  }

  /** Where on the axis the song has played for `seconds`. */
  position(seconds: number): number {
    return this.kind === 'seconds' ? seconds : interpolate(this.#onsets, this.#positions, seconds);
  }

  /** The other way round. */
  seconds(position: number): number {
    return this.kind === 'seconds' ? position : interpolate(this.#positions, this.#onsets, position);
  }

  /**
   * From where to where a note sounds. Where notes have columns it begins with its own, those of a chord side by side, and fills
   * most of it.
   * @param start of the note, in seconds
   */
  span(note: number, start: number, duration: number): readonly [from: number, to: number] {
    if (this.kind === 'seconds') return [start, start + duration];
    return [this.edges[note], Math.max(this.edges[note] + LEAST_PART, this.position(start + duration))];
  }

  /** The note whose column covers a position; the first or the last one beyond the ends; -1 without notes. */
  noteAt(position: number): number {
    let low = 0;
    let high = this.notes;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (middle < this.notes && this.edges[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return this.notes === 0 ? -1 : low;
  }
}

/** The straight lines through the points (x, y), the last ones going on beyond the ends. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const { length } = xs;
  if (length === 0) return x;
  if (length === 1) return ys[0] + (x - xs[0]);
  let low = 0;
  let high = length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle - 1;
  }
  const slope = (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low]);
  return ys[low] + slope * (x - xs[low]);
}

/** `window` moved and, where it is too wide or too narrow, resized to lie within `whole`. */
export function clampWindow({ from, to }: AxisWindow, whole: AxisWindow, least: number): AxisWindow {
  const most = whole.to - whole.from;
  const width = Math.min(most, Math.max(Math.min(least, most), to - from));
  const middle = (from + to) / 2;
  const start = Math.min(whole.to - width, Math.max(whole.from, middle - width / 2));
  return { from: start, to: start + width };
}

/** `factor` times as wide around a position that stays where it is. */
export function zoomWindow({ from, to }: AxisWindow, factor: number, around: number): AxisWindow {
  return { from: around - (around - from) * factor, to: around + (to - around) * factor };
}

/** Moved so that `[from, to]` can be seen, as little as needed, with `room` on the side (a part of the width). */
export function revealInWindow(window: AxisWindow, from: number, to: number, room: number): AxisWindow {
  const width = window.to - window.from;
  const margin = width * room;
  if (from - margin < window.from) return { from: from - margin, to: from - margin + width };
  if (to + margin > window.to) return { from: to + margin - width, to: to + margin };
  return window;
}
