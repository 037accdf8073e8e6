import { headName } from '../../../../music/head-words.ts';
import { colourAt, cssColour } from '../../../kit/colour-scales.ts';
import { element } from '../../../kit/browser/elements.ts';
import { rampKey, trackHead } from '../../../kit/browser/legend.ts';
import { onScheme, palette, type Palette } from '../../../kit/browser/palette.ts';
import type { RollMarks } from '../../../kit/browser/roll.ts';
import type { Track } from '../../../kit/browser/timeline.ts';
import { rollTrack } from '../../../kit/browser/tracks/roll.ts';
import { clock, figure, keyName, predictedText, SALIENCY_SIGNS } from '../../figures/words.ts';
import type { Store } from '../store.ts';
import type { Study } from '../study.ts';

/** The notes of the song in the colours asked for, with what was expected in the place of the chosen one. */
export function songTrack(study: Study, store: Store): Track {
  const { song } = study.data;
  const key = element('span', { class: 'key' });
  const legend = (): void => key.replaceChildren(...tintKey(study, store));
  store.on(['tint', 'unit', 'head', 'note', 'details'], legend);
  onScheme(legend);
  const colours = new NoteColours(study, store);
  return rollTrack({
    label:
      'Piano roll. Arrow keys left and right choose a note, plus and minus zoom, space plays, Home and End go to the ends.',
    head: trackHead(element('strong', {}, 'Piano roll'), key),
    notes: () => song,
    marks: ({ note, palette: now }) => ({
      colour: colours.of(now),
      expected: expectedIn(study, note),
    }),
    describe: (note) => describeNote(study, note),
  });
}

function describeNote(study: Study, note: number): string {
  const { song, heads } = study.data;
  const lines = heads.map((head) => {
    const { name, surprise, unit } = head;
    return surprise[note] === null
      ? `${headName(name)}: not predicted`
      : `${headName(name)}: surprise ${figure(surprise[note])}${unit === 'nats' ? ' nats' : ''}, predicted ${predictedText(head, note)}`;
  });
  return [
    `${study.noteName(note)} at ${clock(song.start[note])}`,
    `${figure(song.duration[note])} s long, ${figure(song.step[note])} s after the note before`,
    ...lines,
  ].join('\n');
}

/** The likeliest key in the place of the note that came, where it is another. */
function expectedIn({ data }: Study, note: number): RollMarks['expected'] {
  const pitch = data.heads.find(({ name }) => name === 'pitch')?.predicted[note];
  if (pitch === null || pitch === undefined || Math.round(pitch) === data.song.pitch[note]) return undefined;
  return { pitch, text: `${keyName(pitch)}?` };
}

/** What the colours of the notes say. */
function tintKey(study: Study, { state }: Store): (string | HTMLElement)[] {
  const { sequential, diverging } = palette();
  const head = headName(study.data.heads[state.head]?.name ?? '');
  if (state.tint === 'surprise') return rampKey(`surprise of ${head}: little`, sequential, 'much');
  if (state.tint === 'unit')
    return state.unit ? rampKey(`output of ${study.unitName(state.unit)}: −`, diverging, '+') : ['no unit is chosen'];
  if (state.tint === 'plain') return [];
  const row = study.saliency(state.head, state.note);
  if (!row) return ['no saliency for this note'];
  const { minus, plus } = SALIENCY_SIGNS[study.data.heads[state.head].kind];
  return rampKey(`${head}, predicting ${study.noteName(state.note)}: ${minus}`, diverging, plus);
}

/** The colours of the notes, the same function until they are others: a picture of many notes is coloured anew only then. */
class NoteColours {
  readonly #study: Study;
  readonly #store: Store;
  #key: unknown[] = [];
  #colours: (note: number) => string = () => '';

  constructor(study: Study, store: Store) {
    this.#study = study;
    this.#store = store;
  }

  of(colours: Palette): (note: number) => string {
    const { tint, head, unit, note, details } = this.#store.state;
    const key = [tint, head, unit, note, details, colours];
    if (key.some((part, k) => part !== this.#key[k])) {
      this.#key = key;
      this.#colours = noteColours(this.#study, this.#store, colours);
    }
    return this.#colours;
  }
}

/** What the notes' colours mean, as a function from a note to a colour. */
function noteColours(
  study: Study,
  { state }: Store,
  { accent, idle, choice, sequential, diverging }: Palette,
): (note: number) => string {
  const { tint, note: chosen, head, unit } = state;
  if (tint === 'surprise') {
    const { surprise } = study.data.heads[head];
    const most = largest(surprise);
    return (note) => {
      const value = surprise[note];
      return value === null || value === undefined ? idle : cssColour(colourAt(sequential.scale, value / most));
    };
  }
  if (tint === 'unit' && unit) {
    const trace = study.trace(unit, 'h');
    const most = trace ? largest(trace) : 1;
    const { from } = study.data.detail;
    return (note) => {
      const value = trace?.[note - from] ?? NaN;
      return Number.isFinite(value) ? cssColour(colourAt(diverging.scale, 0.5 + value / most / 2)) : idle;
    };
  }
  const row = tint === 'saliency' ? study.saliency(head, chosen) : undefined;
  if (!row) return () => accent;
  return (note) => {
    const lag = chosen - 1 - note;
    if (note === chosen) return choice;
    if (lag < 0 || lag >= row.lags) return idle;
    return cssColour(colourAt(diverging.scale, 0.5 + row.byLag[lag] / (row.largestLag || 1) / 2));
  };
}

function largest(values: ArrayLike<number | null>): number {
  let most = 0;
  for (const value of Array.from(values))
    if (value !== null && Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most || 1;
}
