import { isBlackKey, noteName } from '../../../../midi/note-names.ts';
import { colourAt, cssColour, cssGradient } from '../../../kit/colour-scales.ts';
import { clock, figure, keyName, predictedText, SALIENCY_SIGNS } from '../../figures/words.ts';
import { element } from '../../../kit/browser/elements.ts';
import { onScheme, palette } from '../../../kit/browser/palette.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';
import type { Frame, Track } from '../timeline.ts';
import { inPlot } from './drawing.ts';

/** The keys that are drawn, with some room on both sides. */
export interface KeyRange {
  low: number;
  high: number;
}

export function keyRange(pitch: readonly number[]): KeyRange {
  let [low, high] = [127, 0];
  for (const key of pitch) [low, high] = [Math.min(low, key), Math.max(high, key)];
  if (low > high) return { low: 60, high: 72 };
  const room = Math.max(1, Math.ceil((18 - (high - low)) / 2));
  return { low: Math.max(0, low - room), high: Math.min(127, high + room) };
}

/** The piano roll: notes in the colours asked for, the chosen one framed, and what was predicted in its place dashed. */
export function rollTrack(study: Study, store: Store, colourOf: (frame: Frame) => (note: number) => string): Track {
  const { song, heads } = study.data;
  const range = keyRange(song.pitch);
  const rows = range.high - range.low + 1;
  const key = element('span', { class: 'key' });
  const head = element('div', { class: 'track-head' }, element('strong', {}, 'Piano roll'), key);
  const legend = (): void => key.replaceChildren(...tintKey(study, store));
  store.on(['tint', 'unit', 'head', 'note'], legend);
  onScheme(legend);
  return {
    label:
      'Piano roll. Arrow keys left and right choose a note, plus and minus zoom, space plays, Home and End go to the ends.',
    head,
    arrows: () => undefined,
    height: () => Math.min(280, Math.max(140, rows * 5)),
    draw(frame) {
      const y = (key: number): number => ((range.high - key) * frame.height) / rows;
      drawKeys(frame, range, y);
      inPlot(frame, () => drawNotes(frame, study, colourOf(frame), y, frame.height / rows));
    },
    describe(note) {
      const lines = [
        `${study.noteName(note)} at ${clock(song.start[note])}`,
        `${figure(song.duration[note])} s long, ${figure(song.step[note])} s after the note before`,
        ...heads.map((head) => {
          const { name, surprise, unit } = head;
          return surprise[note] === null
            ? `${name}: not predicted`
            : `${name}: surprise ${figure(surprise[note])}${unit === 'nats' ? ' nats' : ''}, predicted ${predictedText(head, note)}`;
        }),
      ];
      return lines.join('\n');
    },
  };
}

/** What the colours of the notes say. */
function tintKey(study: Study, { state }: Store): (string | HTMLElement)[] {
  const ramp = element('span', { class: 'ramp' });
  const { sequential, diverging } = palette();
  ramp.style.background = cssGradient(state.tint === 'surprise' ? sequential : diverging);
  const head = study.data.heads[state.head]?.name ?? '';
  if (state.tint === 'surprise') return [`surprise of ${head}: little`, ramp, 'much'];
  if (state.tint === 'unit')
    return state.unit ? [`output of ${study.unitName(state.unit)}: −`, ramp, '+'] : ['no unit is chosen'];
  if (state.tint === 'plain') return [];
  const row = study.saliency(state.head, state.note);
  if (!row) return ['no saliency for this note'];
  const { minus, plus } = SALIENCY_SIGNS[study.data.heads[state.head].kind];
  return [`the ${head} of ${study.noteName(state.note)}: ${minus}`, ramp, plus];
}

function drawKeys(
  { context, left, width, height, palette }: Frame,
  { low, high }: KeyRange,
  y: (key: number) => number,
): void {
  const row = height / (high - low + 1);
  for (let key = low; key <= high; key++) {
    if (isBlackKey(key)) {
      context.fillStyle = palette.shade;
      context.fillRect(left, y(key), width - left, row);
    }
    if (key % 12 !== 0) continue;
    context.fillStyle = palette.grid;
    context.fillRect(left, y(key) + row - 0.5, width - left, 1);
    context.fillStyle = palette.faint;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText(noteName(key), left - 6, Math.min(height - 7, Math.max(7, y(key) + row / 2)));
  }
}

function drawNotes(
  frame: Frame,
  study: Study,
  colour: (note: number) => string,
  y: (key: number) => number,
  row: number,
): void {
  const { context, axis, x, left, width, palette, state } = frame;
  const { pitch, start, duration } = study.data.song;
  const box = (from: number, seconds: number): [number, number] => {
    const begin = x(axis.position(from));
    return [begin, Math.max(2, x(axis.position(from + seconds)) - begin)];
  };
  const thickness = Math.max(3, row - 0.5);
  for (let note = 0; note < pitch.length; note++) {
    const [begin, size] = box(start[note], duration[note]);
    if (begin > width) break;
    if (begin + size < left) continue;
    const top = y(pitch[note]);
    context.fillStyle = colour(note);
    context.fillRect(begin, top, size, thickness);
    if (size > 4) {
      context.strokeStyle = palette.faint;
      context.lineWidth = 0.6;
      context.strokeRect(begin, top, size, thickness);
    }
  }
  const { note } = state;
  if (note < 0 || note >= pitch.length) return;
  const [begin, size] = box(start[note], duration[note]);
  context.strokeStyle = palette.choice;
  context.lineWidth = 2.5;
  context.strokeRect(begin, y(pitch[note]), Math.max(4, size), thickness);
  drawPrediction(frame, study, note, begin, size, y, thickness);
}

/** The likeliest key in the place of the note that came, where it is another. */
function drawPrediction(
  { context, palette }: Frame,
  { data }: Study,
  note: number,
  begin: number,
  size: number,
  y: (key: number) => number,
  thickness: number,
): void {
  const predicted = data.heads.find(({ name }) => name === 'pitch')?.predicted[note];
  if (predicted === null || predicted === undefined || Math.round(predicted) === data.song.pitch[note]) return;
  const top = y(predicted);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.2;
  context.setLineDash([3, 2]);
  context.strokeRect(begin, top, Math.max(6, size), thickness);
  context.setLineDash([]);
  context.fillStyle = palette.ink;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(`${keyName(predicted)}?`, begin + Math.max(6, size) + 4, top + thickness / 2);
}

/** What the notes' colours mean, as functions from a note to a colour. */
export function noteColours(study: Study): (frame: Frame) => (note: number) => string {
  return ({ state, palette }) => {
    const plain = palette.series[0];
    const { idle } = palette;
    const { tint, note: chosen, head, unit } = state;
    if (tint === 'surprise') {
      const { surprise } = study.data.heads[head];
      const most = largest(surprise);
      return (note) => {
        const value = surprise[note];
        return value === null || value === undefined ? idle : cssColour(colourAt(palette.sequential, value / most));
      };
    }
    if (tint === 'unit' && unit) {
      const trace = study.trace(unit, 'h');
      const most = trace ? largest(trace) : 1;
      const { from } = study.data.detail;
      return (note) => {
        const value = trace?.[note - from] ?? NaN;
        return Number.isFinite(value) ? cssColour(colourAt(palette.diverging, 0.5 + value / most / 2)) : idle;
      };
    }
    const row = tint === 'saliency' ? study.saliency(head, chosen) : undefined;
    if (!row) return () => plain;
    return (note) => {
      const lag = chosen - 1 - note;
      if (note === chosen) return palette.choice;
      if (lag < 0 || lag >= row.lags) return idle;
      return cssColour(colourAt(palette.diverging, 0.5 + row.byLag[lag] / (row.largestLag || 1) / 2));
    };
  };
}

function largest(values: ArrayLike<number | null>): number {
  let most = 0;
  for (const value of Array.from(values))
    if (value !== null && Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most || 1;
}
