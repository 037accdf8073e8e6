import { noteName } from '../../../midi/note-names.ts';
import { byId, el, field, select, setOptions } from '../dom.ts';
import { drawGradient, drawHeatMap, drawPhraseRoll, drawSurprise, drawUnit, rangeOfQuantity, UNIT_COLOURS } from '../draw/bands.ts'; // prettier-ignore
import { redrawOnChange, surfaceOf, type Surface } from '../../kit/browser/canvas.ts';
import { readColours } from '../draw/colours.ts';
import { columnAt } from '../draw/step-axis.ts';
import { QUANTITIES, QUANTITY_NAMES, type PhraseView, type Quantity } from '../phrase.ts';
import type { Store } from '../state.ts';

const COUNTS = ['32', '64', '128', '256'];

/** The living network over a phrase: roll, surprise, gradient through time, a heat map of all units, and one unit's lines. */
export class LookView {
  readonly #store: Store;
  readonly #layer: HTMLSelectElement;
  readonly #layerField: HTMLElement;
  readonly #readout = el('p', { class: 'readout', attributes: { role: 'status' } });
  readonly #bands: Band[] = [];
  readonly #stack: HTMLElement;
  #view?: PhraseView;

  constructor(store: Store) {
    this.#store = store;
    const { view } = store.state;
    const quantity = select(
      QUANTITIES.map((name) => [name, QUANTITY_NAMES[name]] as const),
      view.quantity,
      (chosen: Quantity) => store.setView({ quantity: chosen }),
    );
    const count = select(
      COUNTS.map((text) => [text, `${text} notes`] as const),
      String(view.count),
      (text) => store.setView({ count: Number(text), at: 0 }),
    );
    const from = el('input', { type: 'number', min: '1', step: '1', value: String(view.from + 1) });
    from.addEventListener('change', () =>
      store.setView({ from: Math.max(0, Math.floor(from.valueAsNumber || 1) - 1), at: 0 }),
    );
    this.#layer = select([['0', '1']], String(view.layer), (text) => store.setView({ layer: Number(text), unit: 0 }));
    this.#layerField = field('Layer', this.#layer);
    this.#stack = this.#makeStack();
    byId('look').append(
      el(
        'div',
        { class: 'fields' },
        field('Units show their', quantity),
        field('First note', from),
        field('Phrase', count),
        this.#layerField,
      ),
      el(
        'div',
        { class: 'look' },
        el('div', { class: 'bands' }, this.#stack, this.#readout),
        el('div', { id: 'cell' }),
      ),
    );
    store.subscribe(({ view: { from: first, count: notes, quantity: shown } }) => {
      from.value = String(first + 1);
      count.value = String(notes);
      quantity.value = shown;
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
    this.#view = view;
    this.#draw();
  }

  #makeStack(): HTMLElement {
    const choose = (event: PointerEvent, withUnit: boolean): void => this.#point(event, withUnit);
    const make = (name: string, height: string, draw: Band['draw'], withUnit = false): HTMLElement => {
      const canvas = el('canvas', { class: `plain ${height}` });
      const value = el('span', { class: 'scale' });
      canvas.addEventListener('pointerdown', (event) => choose(event, withUnit));
      canvas.addEventListener('pointermove', (event) => event.buttons > 0 && choose(event, withUnit));
      this.#bands.push({ canvas, value, draw });
      redrawOnChange(canvas, () => this.#draw());
      return el('figure', {}, el('figcaption', {}, `${name} `, value), canvas);
    };
    const stack = el(
      'div',
      {
        class: 'stack',
        tabIndex: 0,
        attributes: {
          role: 'application',
          'aria-label':
            'The network over the phrase: left and right select a note, up and down a unit, Home and End the first and last',
        },
      },
      make('The phrase, a column for each note', 'roll', (surface, view, choice, colours) => {
        drawPhraseRoll(surface, view, choice, colours);
        return '';
      }),
      make('Surprise at each note', 'strip', (surface, view, choice, colours) => {
        return `nats, up to ${drawSurprise(surface, view, choice, colours).toFixed(1)}`;
      }),
      make('Gradient through time', 'strip', (surface, view, choice, colours) => {
        const most = drawGradient(surface, view, choice, colours);
        return `|dL/dc| bars, |dL/dh| line; four powers of ten up to ${most.toPrecision(2)}`;
      }),
      make(
        'All units',
        'heat',
        (surface, view, choice, colours) => {
          const { quantity } = this.#store.state.view;
          const [low, high] = rangeOfQuantity(view, quantity);
          drawHeatMap(surface, view, quantity, choice, colours);
          return `${QUANTITY_NAMES[quantity]}, from ${low.toFixed(2)} ${low < 0 ? '(orange) over 0 ' : '(ground) '}to ${high.toFixed(2)} (blue)`.replace(
            '-',
            '−',
          );
        },
        true,
      ),
      make('The chosen unit', 'lines', (surface, view, choice, colours) => {
        const most = drawUnit(surface, view, choice, colours);
        return `${choice.unit}: gates and output from −1 to 1, the cell from −${most.toFixed(1)} to ${most.toFixed(1)}`;
      }),
      unitLegend(),
    );
    stack.addEventListener('keydown', (event) => this.#key(event));
    return stack;
  }

  #draw(): void {
    const view = this.#view;
    if (!view) return;
    const colours = readColours();
    const { at, unit } = this.#store.state.view;
    const choice = { at: Math.min(at, view.pitch.length - 1), unit: Math.min(unit, view.units - 1) };
    for (const { canvas, value, draw } of this.#bands) {
      const surface = surfaceOf(canvas);
      if (surface) value.textContent = draw(surface, view, choice, colours);
    }
    const { pitch, surprise, probability, given, values, units } = view;
    const told = given.length === 0 ? '' : ` given its ${given.join(', ')}`;
    const of = (name: Quantity): string => values[name][choice.at * units + choice.unit].toFixed(3);
    const expected = Number.isFinite(surprise[choice.at])
      ? `, its pitch expected${told} with probability ${(100 * probability[choice.at]).toFixed(1)} % (surprise ${surprise[choice.at].toFixed(2)} nats)`
      : ', the first that it hears';
    const text =
      `Note ${view.choice.from + choice.at + 1}, ${noteName(pitch[choice.at])}${expected}. Unit ${choice.unit}: ` +
      QUANTITIES.map((name) => `${name} ${of(name)}`).join(', ');
    if (this.#readout.textContent !== text) this.#readout.textContent = text;
  }

  #point(event: PointerEvent, withUnit: boolean): void {
    const view = this.#view;
    if (!view) return;
    const canvas = event.currentTarget as HTMLCanvasElement;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const at = columnAt(event.clientX - left, width, view.pitch.length);
    const unit = columnAt(event.clientY - top, height, view.units);
    this.#store.setView(withUnit ? { at, unit } : { at });
  }

  #key(event: KeyboardEvent): void {
    const view = this.#view;
    if (!view || event.ctrlKey || event.metaKey || event.altKey) return;
    const { at, unit } = this.#store.state.view;
    const last = view.pitch.length - 1;
    const moved: Partial<Record<string, { at: number } | { unit: number }>> = {
      ArrowLeft: { at: Math.max(0, at - 1) },
      ArrowRight: { at: Math.min(last, at + 1) },
      ArrowUp: { unit: Math.max(0, unit - 1) },
      ArrowDown: { unit: Math.min(view.units - 1, unit + 1) },
      Home: { at: 0 },
      End: { at: last },
    };
    const to = moved[event.key];
    if (!to) return;
    event.preventDefault();
    this.#store.setView(to);
  }
}

interface Band {
  canvas: HTMLCanvasElement;
  value: HTMLElement;
  /** Draws, and returns what stands beside the band's name. */
  draw: (
    surface: Surface,
    view: PhraseView,
    choice: { at: number; unit: number },
    colours: ReturnType<typeof readColours>,
  ) => string;
}

function unitLegend(): HTMLElement {
  const item = (name: Quantity, k: number): HTMLElement =>
    el('li', { class: name === 'c' ? 'key-ink' : `key-${UNIT_COLOURS[k]}` }, QUANTITY_NAMES[name]);
  return el('ul', { class: 'legend' }, ...QUANTITIES.map(item));
}
