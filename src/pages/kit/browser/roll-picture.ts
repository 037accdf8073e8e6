import { cssPixel } from '../colour-scales.ts';
import { rollImage, type Bars } from '../decimate.ts';
import type { TrackNotes } from '../roll-place.ts';
import type { TimeAxis } from '../time-axis.ts';
import { barRow, LEAST_WIDTH, type RollPlace } from './roll.ts';
import type { Frame } from './timeline.ts';

type Place = Pick<Bars, 'begin' | 'end'>;

/** The notes of a roll as one image, for windows in which a note is a pixel or two wide: drawn one by one they would take too long. */
export class RollPicture {
  readonly #canvas = document.createElement('canvas');
  #song: TrackNotes | undefined;
  #places = new Map<TimeAxis, Place>();
  #colours = new Uint32Array(0);
  #colour: unknown;

  /** @param colour of each note; the same function means the same colours */
  draw(frame: Frame & RollPlace, song: TrackNotes, colour: (note: number) => string): void {
    if (song.pitch !== this.#song?.pitch) this.#places = new Map();
    const { context, window, left, width, height, ratio } = frame;
    const size = { width: Math.max(1, Math.round((width - left) * ratio)), height: Math.round(height * ratio) };
    const thick = Math.max(1, Math.round(barRow(frame, 0)[1] * ratio));
    const bars = {
      ...this.#place(frame.axis, song),
      top: Int32Array.from(song.pitch, (pitch) => Math.round(barRow(frame, pitch)[0] * ratio)),
      colour: this.#pixels(song, colour),
    };
    this.#song = song;
    const image = rollImage(bars, window, { ...size, thick, least: Math.round(LEAST_WIDTH * ratio) });
    Object.assign(this.#canvas, size);
    const pixels = new ImageData(new Uint8ClampedArray(image.buffer), size.width, size.height);
    this.#canvas.getContext('2d')!.putImageData(pixels, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#canvas, left, 0, width - left, height);
  }

  #place(axis: TimeAxis, { start, duration }: TrackNotes): Place {
    const known = this.#places.get(axis);
    if (known) return known;
    const spans = start.map((seconds, note) => axis.span(note, seconds, duration[note]));
    const place = { begin: Float64Array.from(spans, ([from]) => from), end: Float64Array.from(spans, ([, to]) => to) };
    this.#places.set(axis, place);
    return place;
  }

  /** Colours stay as they are while the window moves. */
  #pixels({ pitch }: TrackNotes, colour: (note: number) => string): Uint32Array {
    if (colour !== this.#colour || pitch !== this.#song?.pitch) {
      this.#colour = colour;
      this.#colours = Uint32Array.from(pitch, (_, note) => cssPixel(colour(note)));
    }
    return this.#colours;
  }
}
