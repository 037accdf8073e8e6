import { clampWindow, revealInWindow, zoomWindow, type AxisWindow, type TimeAxis } from '../time-axis.ts';
import { surfaceOf, type Surface } from './canvas.ts';
import { element } from './elements.ts';
import { onScheme, palette, type Palette } from './palette.ts';
import type { Tooltip } from './tooltip.ts';

/** What a timeline shows. */
export interface TimelineState {
  axis: TimeAxis;
  window: AxisWindow;
  /** The chosen note, and the one under the pointer; -1 for none. */
  note: number;
  hover: number;
}

/** The page that a timeline is part of. It holds the state, and draws the timeline anew when that has changed. */
export interface TimelinePage {
  read(): TimelineState;
  update(change: Partial<Pick<TimelineState, 'window' | 'note' | 'hover'>>): void;
  /** The space bar. */
  play?(): void;
}

/** What a track needs to draw itself. Lengths are CSS pixels; the canvas is scaled for the screen. */
export interface Frame extends Surface, TimelineState {
  /** The plot goes from `left` to `width`; labels stand before it. */
  left: number;
  palette: Palette;
  /** Pixels of a position. */
  x(position: number): number;
}

/** Pictures that share the time axis. */
export interface Track {
  /** For those who do not see it. */
  label: string;
  /** A line above the picture: its name, its legend. */
  head: HTMLElement;
  /** Where it takes keys, what the arrows up and down do. */
  arrows?: (by: 1 | -1) => void;
  height(): number;
  draw(frame: Frame): void;
  /** What stands at a point of the plot, for the tooltip. */
  describe(note: number, y: number): string | undefined;
  /** A click at a note; `y` from the top. */
  press?(note: number, y: number): void;
}

/** At least so many positions are visible: seconds, or notes. */
const LEAST_WIDTH = { seconds: 1, notes: 6 };
const ZOOM_STEP = 1.5;

interface Mounted {
  track: Track;
  root: HTMLElement;
  canvas: HTMLCanvasElement;
  visible: boolean;
}

/** The tracks, one below the other, and everything that moves them together: wheel, drag, pinch, keys. */
export class Timeline {
  readonly root = element('div', { class: 'tracks' });
  readonly #page: TimelinePage;
  readonly #tooltip: Tooltip;
  #mounted: Mounted[] = [];
  #width = 0;
  #scheduled = false;
  readonly #observer: IntersectionObserver;

  constructor(page: TimelinePage, tooltip: Tooltip) {
    this.#page = page;
    this.#tooltip = tooltip;
    this.#observer = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: '200px' });
    new ResizeObserver(() => {
      this.#width = Math.floor(this.root.clientWidth);
      this.redraw();
    }).observe(this.root);
    onScheme(() => this.redraw());
  }

  get axis(): TimeAxis {
    return this.#page.read().axis;
  }

  /** Shows these tracks; those that were there stay as they are. */
  show(tracks: readonly Track[]): void {
    for (const { canvas } of this.#mounted) this.#observer.unobserve(canvas);
    this.#mounted = tracks.map((track) => this.#mounted.find((one) => one.track === track) ?? this.#mount(track));
    this.root.replaceChildren(...this.#mounted.map(({ root }) => root));
    for (const { canvas } of this.#mounted) this.#observer.observe(canvas);
    this.redraw();
  }

  /** Draws everything that can be seen, once, before the screen is next painted. */
  redraw(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      for (const mounted of this.#mounted) if (mounted.visible) this.#draw(mounted);
    });
  }

  /** `factor` below 1 shows less, larger. Around the chosen note if it can be seen, otherwise around the middle. */
  zoom(factor: number, around?: number): void {
    const { axis, window, note } = this.#page.read();
    const chosen = note < 0 ? NaN : axis.edges[note];
    const middle = chosen >= window.from && chosen <= window.to ? chosen : (window.from + window.to) / 2;
    this.setWindow(zoomWindow(window, factor, around ?? middle));
  }

  /** Moves by a part of what is visible. */
  pan(part: number): void {
    const { from, to } = this.#page.read().window;
    const by = (to - from) * part;
    this.setWindow({ from: from + by, to: to + by });
  }

  setWindow(window: AxisWindow): void {
    const { axis } = this;
    this.#page.update({ window: clampWindow(window, axis.whole, LEAST_WIDTH[axis.kind]) });
  }

  chooseNote(note: number): void {
    const { notes } = this.axis;
    if (notes === 0) return;
    const chosen = Math.min(notes - 1, Math.max(0, note));
    this.#page.update({ note: chosen });
    this.reveal(chosen);
  }

  /** Moves the window so that a note is in it. */
  reveal(note: number): void {
    const { axis, window } = this.#page.read();
    this.setWindow(revealInWindow(window, axis.edges[note], axis.edges[note + 1], 0.08));
  }

  /** The keys of the tracks; true where one was meant. */
  key(event: KeyboardEvent, arrows?: (by: 1 | -1) => void): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { note, axis } = this.#page.read();
    const stride = event.shiftKey ? 10 : 1;
    const actions: Record<string, (() => void) | undefined> = {
      ArrowLeft: () => this.chooseNote(note - stride),
      ArrowRight: () => this.chooseNote(note + stride),
      ArrowUp: arrows && (() => arrows(-1)),
      ArrowDown: arrows && (() => arrows(1)),
      Home: () => this.chooseNote(0),
      End: () => this.chooseNote(axis.notes - 1),
      PageUp: () => this.pan(-0.8),
      PageDown: () => this.pan(0.8),
      '+': () => this.zoom(1 / ZOOM_STEP),
      '=': () => this.zoom(1 / ZOOM_STEP),
      '-': () => this.zoom(ZOOM_STEP),
      '0': () => this.setWindow(axis.whole),
      ' ': this.#page.play && (() => this.#page.play!()),
    };
    const action = actions[event.key];
    if (!action) return false;
    this.#page.update({ hover: -1 });
    action();
    event.preventDefault();
    return true;
  }

  #mount(track: Track): Mounted {
    const keys = track.arrows ? { tabindex: 0, role: 'application' } : { role: 'img' };
    const canvas = element('canvas', { 'aria-label': track.label, ...keys });
    const root = element('div', { class: 'track' }, track.head, canvas);
    const mounted = { track, root, canvas, visible: true };
    canvas.addEventListener('keydown', (event) => this.key(event, track.arrows));
    this.#followPointer(mounted);
    return mounted;
  }

  #seen(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const mounted = this.#mounted.find(({ canvas }) => canvas === target);
      if (mounted) mounted.visible = isIntersecting;
    }
    this.redraw();
  }

  get #left(): number {
    return this.#width < 500 ? 40 : 56;
  }

  #draw({ track, canvas }: Mounted): void {
    const surface = this.#width === 0 ? null : surfaceOf(canvas, track.height());
    if (!surface) return;
    const state = this.#page.read();
    const left = this.#left;
    const scale = (surface.width - left) / (state.window.to - state.window.from);
    const x = (position: number): number => left + (position - state.window.from) * scale;
    const frame: Frame = { ...surface, ...state, left, palette: palette(), x };
    track.draw(frame);
    drawCursor(frame);
  }

  #followPointer({ track, canvas }: Mounted): void {
    const pointers = new Map<number, number>();
    let start: { x: number; window: AxisWindow; spread: number } | undefined;
    let moved = false;
    const spread = (): number => Math.max(...pointers.values()) - Math.min(...pointers.values());
    const middle = (): number => [...pointers.values()].reduce((sum, x) => sum + x, 0) / pointers.size;
    const begin = (): void => {
      start = pointers.size === 0 ? undefined : { x: middle(), window: this.#page.read().window, spread: spread() };
    };
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, event.offsetX);
      canvas.setPointerCapture(event.pointerId);
      if (pointers.size === 1) moved = false;
      begin();
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!pointers.has(event.pointerId)) return this.#hover(track, event);
      pointers.set(event.pointerId, event.offsetX);
      if (!start || (Math.abs(middle() - start.x) < 4 && pointers.size === 1 && !moved)) return;
      moved = true;
      this.#tooltip.hide();
      const width = this.#width - this.#left;
      const perPixel = (start.window.to - start.window.from) / width;
      const by = (start.x - middle()) * perPixel;
      const factor = pointers.size > 1 && spread() > 10 ? start.spread / spread() : 1;
      const around = start.window.from + (start.x - this.#left) * perPixel;
      const shifted = zoomWindow(start.window, factor, around);
      this.setWindow({ from: shifted.from + by * factor, to: shifted.to + by * factor });
    });
    const end = (event: PointerEvent): void => {
      if (!pointers.delete(event.pointerId)) return;
      if (event.type === 'pointerup' && !moved) this.#press(track, event);
      begin();
    };
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
    canvas.addEventListener('pointerleave', () => {
      this.#tooltip.hide();
      this.#page.update({ hover: -1 });
    });
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** The page scrolls as ever; with Ctrl (or two fingers spread) the wheel zooms, with Shift (or sideways) it moves. */
  #wheel(event: WheelEvent): void {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200))), this.#positionAt(event.offsetX));
    } else if (event.shiftKey || Math.abs(sideways) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.pan(sideways / (this.#width - this.#left));
    }
  }

  #positionAt(offsetX: number): number {
    const { from, to } = this.#page.read().window;
    return from + ((offsetX - this.#left) * (to - from)) / (this.#width - this.#left);
  }

  #noteAt(offsetX: number): number {
    return offsetX < this.#left ? -1 : this.axis.noteAt(this.#positionAt(offsetX));
  }

  #hover(track: Track, event: PointerEvent): void {
    const note = this.#noteAt(event.offsetX);
    const text = note < 0 ? undefined : track.describe(note, event.offsetY);
    if (text === undefined) this.#tooltip.hide();
    else this.#tooltip.show(text, event.clientX, event.clientY);
    this.#page.update({ hover: note });
  }

  #press(track: Track, event: PointerEvent): void {
    const note = this.#noteAt(event.offsetX);
    if (note < 0) return;
    if (track.press) track.press(note, event.offsetY);
    else this.chooseNote(note);
  }
}

/** The chosen note's column in every track, and the line of the note under the pointer. */
function drawCursor({ context, note, hover, axis, height, left, width, palette: { choice, ink }, x }: Frame): void {
  const band = (of: number): [number, number] => [Math.max(left, x(axis.edges[of])), Math.min(width, x(axis.edges[of + 1]))]; // prettier-ignore
  if (hover >= 0 && hover < axis.notes) {
    const [from] = band(hover);
    context.fillStyle = ink;
    context.globalAlpha = 0.5;
    if (from < width) context.fillRect(Math.round(from), 0, 1, height);
    context.globalAlpha = 1;
  }
  if (note < 0 || note >= axis.notes) return;
  const [from, to] = band(note);
  if (from > width || to < left) return;
  context.fillStyle = choice;
  context.globalAlpha = 0.14;
  context.fillRect(from, 0, Math.max(1, to - from), height);
  context.globalAlpha = 1;
  context.fillRect(Math.round(from), 0, 1.5, height);
}
