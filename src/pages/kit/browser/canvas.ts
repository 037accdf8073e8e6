import { onScheme } from './palette.ts';

/** A canvas ready to be drawn on, in CSS pixels. */
export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** Pixels of the screen in one of CSS. */
  ratio: number;
}

/** More pixels than these in one of CSS are seen by nobody, and cost time. */
const MOST_RATIO = 3;

/**
 * Fits a canvas to the place it has on the page and the screen's resolution, and clears it. Null while it has no place.
 * @param height CSS pixels; what the style sheet says unless given
 */
export function surfaceOf(canvas: HTMLCanvasElement, height?: number): Surface | null {
  if (height !== undefined && canvas.style.height !== `${height}px`) canvas.style.height = `${height}px`;
  const { clientWidth: width, clientHeight } = canvas;
  const context = canvas.getContext('2d');
  if (width === 0 || clientHeight === 0 || !context) return null;
  const ratio = Math.min(MOST_RATIO, devicePixelRatio || 1);
  const [wide, high] = [Math.round(width * ratio), Math.round(clientHeight * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, clientHeight);
  context.font = '12px system-ui, sans-serif';
  return { context, width, height: clientHeight, ratio };
}

/** A picture that stays while other things are drawn over it: made anew only where its key is another. */
export class KeptPicture {
  readonly #canvas = document.createElement('canvas');
  #key: unknown[] = [];

  /** Fills the surface with the picture; `make` draws it, on a surface of the same size. */
  draw({ context, width, height, ratio }: Surface, key: readonly unknown[], make: (surface: Surface) => void): void {
    const all = [width, height, ratio, ...key];
    if (all.length !== this.#key.length || all.some((part, k) => part !== this.#key[k])) {
      this.#key = all;
      Object.assign(this.#canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
      const own = this.#canvas.getContext('2d')!;
      own.scale(ratio, ratio);
      make({ context: own, width, height, ratio });
    }
    context.drawImage(this.#canvas, 0, 0, width, height);
  }
}

/** A way to ask for `draw`: once before the screen is next painted, and only while `place` can be seen, or as soon as it can. */
export function whenSeen(place: Element, draw: () => void): () => void {
  let seen = true;
  let wanted = false;
  let scheduled = false;
  const ask = (): void => {
    wanted = true;
    if (scheduled || !seen) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      if (!seen) return;
      wanted = false;
      draw();
    });
  };
  new IntersectionObserver(
    ([entry]) => {
      seen = entry.isIntersecting;
      if (seen && wanted) ask();
    },
    { rootMargin: '200px' },
  ).observe(place);
  return ask;
}

/** Calls `draw` with the width of `place` now, and whenever it has another. */
export function onWidth(place: HTMLElement, draw: (width: number) => void): void {
  let last = 0;
  const observer = new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    if (width === last || width === 0) return;
    last = width;
    draw(width);
  });
  observer.observe(place);
}

/** Calls `draw` when the canvas gets another size, and when light becomes dark or the other way round. */
export function redrawOnChange(canvas: HTMLCanvasElement, draw: () => void): void {
  new ResizeObserver(draw).observe(canvas);
  onScheme(draw);
}
