import type { AxisWindow, TimeAxis } from '../../kit/time-axis.ts';
import { KeptPicture, onWidth, surfaceOf, whenSeen, type Surface } from '../../kit/browser/canvas.ts';
import { element } from '../../kit/browser/elements.ts';
import { onScheme, palette } from '../../kit/browser/palette.ts';
import type { Store } from './store.ts';
import type { Study } from './study.ts';
import type { Timeline } from '../../kit/browser/timeline.ts';
import { keyRange } from '../../../plot/keys.ts';

const HEIGHT = 34;

/** The whole song, small, with the visible part framed: a click or a drag moves it. The keys and buttons do the same. */
export function overview(study: Study, store: Store, timeline: Timeline): HTMLElement {
  const canvas = element('canvas', { role: 'img', 'aria-label': 'The whole song with the visible part framed' });
  const root = element('div', { class: 'overview' }, canvas);
  const notes = new KeptPicture();
  const draw = (): void => drawOverview(canvas, notes, study, store);
  const later = whenSeen(canvas, draw);
  onWidth(root, later);
  store.on(['window', 'axis', 'note'], later);
  onScheme(later);
  const jump = (event: PointerEvent): void => {
    const { from, to } = store.state.window;
    const whole = study.axis(store.state.axis).whole;
    const at = whole.from + (event.offsetX / canvas.clientWidth) * (whole.to - whole.from);
    timeline.setWindow({ from: at - (to - from) / 2, to: at + (to - from) / 2 });
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    jump(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) jump(event);
  });
  return root;
}

function drawOverview(canvas: HTMLCanvasElement, notes: KeptPicture, study: Study, { state }: Store): void {
  const surface = surfaceOf(canvas, HEIGHT);
  if (!surface) return;
  const { context, width } = surface;
  const axis = study.axis(state.axis);
  const { whole } = axis;
  const x = (position: number): number => ((position - whole.from) / (whole.to - whole.from || 1)) * width;
  const colours = palette();
  notes.draw(surface, [axis, colours], (on) => drawNotes(on, study, axis, x));
  drawWindow(context, state.window, x, width, colours.ink, colours.shade);
  if (state.note < 0) return;
  context.fillStyle = colours.choice;
  context.fillRect(x(axis.edges[state.note]) - 1, 0, 2, HEIGHT);
}

function drawNotes(
  { context, width }: Surface,
  study: Study,
  { edges }: TimeAxis,
  x: (position: number) => number,
): void {
  const { shade, accent } = palette();
  context.fillStyle = shade;
  context.fillRect(0, 0, width, HEIGHT);
  context.fillStyle = accent;
  const { pitch } = study.data.song;
  const { low, high } = keyRange(pitch);
  pitch.forEach((key, note) => {
    const from = x(edges[note]);
    context.fillRect(from, 2 + ((high - key) / (high - low || 1)) * (HEIGHT - 6), Math.max(1, x(edges[note + 1]) - from), 2); // prettier-ignore
  });
}

function drawWindow(
  context: CanvasRenderingContext2D,
  { from, to }: AxisWindow,
  x: (position: number) => number,
  width: number,
  ink: string,
  shade: string,
): void {
  context.fillStyle = shade;
  context.globalAlpha = 0.7;
  context.fillRect(0, 0, x(from), HEIGHT);
  context.fillRect(x(to), 0, width - x(to), HEIGHT);
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.strokeRect(Math.max(0.75, x(from)), 0.75, Math.min(width - 1.5, x(to) - x(from)), HEIGHT - 1.5);
}
