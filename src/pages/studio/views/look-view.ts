import { noteName } from '../../../midi/note-names.ts';
import { decimals } from '../../../text/numbers.ts';
import { field, select, setOptions } from '../../kit/browser/controls.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { Timeline } from '../../kit/browser/timeline.ts';
import type { Tooltip } from '../../kit/browser/tooltip.ts';
import { TimeAxis, type AxisWindow } from '../../kit/time-axis.ts';
import { phraseTracks, predictionOf, type Shown } from '../phrase-tracks.ts';
import type { CellKind } from '../../../nn/cells/kinds.ts';
import { quantityName, shownQuantities, type PhraseView, type ShownQuantity } from '../phrase.ts';
import type { Store } from '../state.ts';

const COUNTS = ['32', '64', '128', '256'];

/** The living network over a phrase: roll, surprise, gradient through time, a heat map of all units, and one unit's lines. */
export class LookView {
  readonly #store: Store;
  readonly #layer: HTMLSelectElement;
  readonly #layerField: HTMLElement;
  readonly #quantity: HTMLSelectElement;
  readonly #readout = element('p', { class: 'readout', role: 'status' });
  readonly #timeline: Timeline;
  #view?: PhraseView;
  #axis = new TimeAxis('notes', { start: [], seconds: 0 });
  /** What is visible of the phrase; all of it until it is zoomed. */
  #window?: AxisWindow;
  #hover = -1;

  constructor(store: Store, tooltip: Tooltip) {
    this.#store = store;
    const { view } = store.state;
    this.#quantity = select(quantityOptions('lstm'), view.quantity, (chosen) => store.setView({ quantity: chosen }));
    const count = select(
      COUNTS.map((text) => [text, `${text} notes`] as const),
      String(view.count),
      (text) => store.setView({ count: Number(text), at: 0 }),
    );
    const from = element('input', { type: 'number', min: '1', step: '1', value: String(view.from + 1) });
    from.addEventListener('change', () =>
      store.setView({ from: Math.max(0, Math.floor(from.valueAsNumber || 1) - 1), at: 0 }),
    );
    this.#layer = select([['0', '1']], String(view.layer), (text) => store.setView({ layer: Number(text), unit: 0 }));
    this.#layerField = field('Layer', this.#layer);
    this.#timeline = this.#makeTimeline(tooltip);
    byId('look').append(
      element(
        'div',
        { class: 'fields' },
        field('Units show their', this.#quantity),
        field('First note', from),
        field('Phrase', count),
        this.#layerField,
      ),
      element(
        'div',
        { class: 'look' },
        element('div', { class: 'bands' }, this.#timeline.root, this.#readout),
        element('div', { id: 'cell' }),
      ),
    );
    store.subscribe(({ view: { from: first, count: notes } }) => {
      from.value = String(first + 1);
      count.value = String(notes);
      this.#draw();
    });
  }

  /** How many layers the network has. */
  setLayers(layers: number): void {
    setOptions(
      this.#layer,
      Array.from({ length: layers }, (_, k) => [String(k), String(k + 1)] as const),
      String(Math.min(this.#store.state.view.layer, layers - 1)),
    );
    this.#layerField.hidden = layers === 1;
  }

  show(view: PhraseView): void {
    const before = this.#view?.choice;
    const { path, from, count } = view.choice;
    if (before?.path !== path || before.from !== from || before.count !== count) this.#window = undefined;
    const isFirst = this.#view === undefined;
    if (this.#view?.cell !== view.cell) setOptions(this.#quantity, quantityOptions(view.cell), this.#quantity.value);
    this.#view = view;
    const end = view.start.reduce((last, start, k) => Math.max(last, start + view.duration[k]), 0);
    this.#axis = new TimeAxis('notes', { start: view.start, seconds: end });
    if (isFirst) this.#timeline.show(phraseTracks(() => this.#shown(), (unit, at) => this.#choose(unit, at))); // prettier-ignore
    this.#draw();
  }

  #makeTimeline(tooltip: Tooltip): Timeline {
    return new Timeline(
      {
        read: () => ({
          axis: this.#axis,
          window: this.#window ?? this.#axis.whole,
          note: this.#view ? this.#at(this.#view) : -1,
          hover: this.#hover,
        }),
        update: ({ window, note, hover }) => {
          if (window) this.#window = window;
          if (hover !== undefined) this.#hover = hover;
          if (note !== undefined && note !== this.#store.state.view.at) this.#store.setView({ at: note });
          else this.#timeline.redraw();
        },
      },
      tooltip,
    );
  }

  #choose(unit: number, at = this.#store.state.view.at): void {
    this.#store.setView({ unit, at });
  }

  #at({ pitch }: PhraseView): number {
    return Math.min(this.#store.state.view.at, pitch.length - 1);
  }

  /** What the tracks show; they are there from the first view on. */
  #shown(): Shown {
    const view = this.#view!;
    const { quantity, unit } = this.#store.state.view;
    const known = view.values[quantity] ? quantity : 'h';
    return { view, quantity: known, unit: Math.min(unit, view.units - 1) };
  }

  #draw(): void {
    const view = this.#view;
    if (!view) return;
    this.#timeline.redraw();
    const at = this.#at(view);
    const { unit, quantity } = this.#shown();
    this.#quantity.value = quantity;
    const values = shownQuantities(view.cell).map(
      (name) => `${name} ${decimals(view.values[name]![at * view.units + unit])}`,
    );
    const note = `Note ${view.choice.from + at + 1}, ${noteName(view.pitch[at])}`;
    const text = `${note}, ${predictionOf(view, at)}. Unit ${unit + 1}: ${values.join(', ')}`;
    if (this.#readout.textContent !== text) this.#readout.textContent = text;
  }
}

function quantityOptions(cell: CellKind): [ShownQuantity, string][] {
  return shownQuantities(cell).map((name) => [name, quantityName(name)]);
}
