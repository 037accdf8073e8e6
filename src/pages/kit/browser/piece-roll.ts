import { endOf, pieceAxes, noteAt, type RollNote } from '../roll-place.ts';
import { redrawOnChange, surfaceOf } from './canvas.ts';
import { element } from './elements.ts';
import { palette } from './palette.ts';
import { drawRoll, type RollMarks } from './roll.ts';
import type { Tooltip } from './tooltip.ts';

export type PieceMarks = Omit<RollMarks, 'playhead' | 'colour'>;

/** A whole piece as a roll of its own, as wide as its place: it shows its marks, where the music is, and says what is under the pointer. */
export class PieceRoll {
  readonly canvas: HTMLCanvasElement;
  readonly #describe: (note: number) => string;
  #notes: readonly RollNote[] = [];
  #seconds = 0;
  #marks: PieceMarks = {};
  #playhead: number | null = null;

  /**
   * @param className what gives it its height
   * @param describe what the tooltip says of a note
   * @param point what happens when the pointer is at a note (-1: before all)
   */
  constructor(
    className: string,
    tooltip: Tooltip,
    describe: (note: number) => string,
    point: (note: number) => void = () => undefined,
  ) {
    this.#describe = describe;
    this.canvas = element('canvas', {
      class: className,
      role: 'img',
      'aria-label': 'Piano roll',
      onpointermove: (event) => {
        const note = this.#noteAt(event);
        point(note);
        if (note < 0) tooltip.hide();
        else tooltip.show(this.#describe(note), event.clientX, event.clientY);
      },
      onpointerleave: () => tooltip.hide(),
    });
    redrawOnChange(this.canvas, () => this.#draw());
  }

  /**
   * @param label for those who do not see it
   * @param seconds what the width shows; to the end of the last note unless given
   */
  show(label: string, notes: readonly RollNote[], marks: PieceMarks, seconds = endOf(notes)): void {
    this.#notes = notes;
    this.#marks = marks;
    this.#seconds = seconds;
    this.canvas.setAttribute('aria-label', label);
    this.#draw();
  }

  /** Where the music is, in seconds; null while it does not sound. */
  setPlayhead(seconds: number | null): void {
    this.#playhead = seconds;
    this.#draw();
  }

  #noteAt({ offsetX, offsetY }: PointerEvent): number {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return noteAt(this.#notes, pieceAxes(this.#notes, { width, height }, this.#seconds), [offsetX, offsetY]);
  }

  #draw(): void {
    const surface = surfaceOf(this.canvas);
    if (!surface) return;
    const { context, width, height } = surface;
    const { keys, seconds } = pieceAxes(this.#notes, surface, this.#seconds);
    const x = (at: number): number => (at / seconds) * width;
    const playhead = this.#playhead === null ? null : x(this.#playhead);
    drawRoll(
      { context, left: 0, width, height, keys, palette: palette() },
      {
        pitch: this.#notes.map(({ pitch }) => pitch),
        span: (note) => [x(this.#notes[note].start), x(this.#notes[note].end)],
      },
      { ...this.#marks, playhead },
    );
  }
}
