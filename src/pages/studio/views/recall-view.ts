import { field } from '../../kit/browser/controls.ts';
import { element } from '../../kit/browser/elements.ts';
import type { ModelInfo } from '../protocol.ts';
import { MOST_BUDGET, MOST_RECALL, type PlayState, type Store } from '../state.ts';

/** The sliders of the memory: how strongly the music recalls its own past, and how much of it may be repeated. */
export class RecallView {
  readonly fields: HTMLElement[];
  /** Why there is nothing to slide, where the model cannot recall. */
  readonly sentence = element('p', { class: 'faint', id: 'no-recall', hidden: true });
  readonly #recall = slider(MOST_RECALL, 0.5);
  readonly #budget = slider(MOST_BUDGET, 0.01);
  readonly #store: Store;
  /** How strongly the model recalls unless told (null: it cannot), and how much. */
  #own: Pick<ModelInfo, 'recall' | 'budget'> = { recall: 0, budget: 0 };

  constructor(store: Store) {
    this.#store = store;
    // The model's own is what it is: another model may have another.
    this.#recall.input.addEventListener('input', () => {
      const value = this.#recall.input.valueAsNumber;
      store.setPlay({ recall: value === this.#own.recall ? null : value });
    });
    this.#budget.input.addEventListener('input', () => store.setPlay({ budget: this.#budget.input.valueAsNumber }));
    this.fields = [
      withValue('Recall', this.#recall, 'How strongly the music recalls its own past; 0 turns it off'),
      withValue(
        'Repeats at most',
        this.#budget,
        'The fraction of repeated patterns at which recall switches off; by default as many as in the training music',
      ),
    ];
    this.sentence.textContent =
      'This network predicts times as numbers, and only classes can be recalled (settings step and duration: bins).';
    store.subscribe(({ play }) => this.#show(play));
    this.#show(store.state.play);
  }

  setOwn(own: Pick<ModelInfo, 'recall' | 'budget'>): void {
    this.#own = own;
    this.#show(this.#store.state.play);
  }

  #show({ recall, budget }: PlayState): void {
    const own = this.#own;
    const can = own.recall !== null;
    const value = can ? (recall ?? own.recall!) : 0;
    const share = budget ?? own.budget;
    this.#recall.input.disabled = !can;
    this.#budget.input.disabled = !can;
    this.sentence.hidden = can;
    this.#recall.input.value = String(value);
    this.#recall.said.textContent = `${value === 0 ? 'off' : value}${recall === null ? ' (the model’s)' : ''}`;
    this.#budget.input.value = String(share);
    this.#budget.said.textContent = `${Math.round(100 * share)} %${budget === null ? ' (its music’s)' : ''}`;
    this.#recall.input.setAttribute('aria-valuetext', this.#recall.said.textContent);
    this.#budget.input.setAttribute('aria-valuetext', this.#budget.said.textContent);
  }
}

interface Slider {
  input: HTMLInputElement;
  /** Its value, in words. */
  said: HTMLOutputElement;
}

function slider(max: number, step: number): Slider {
  const input = element('input', { type: 'range', min: '0', max: String(max), step: String(step) });
  return { input, said: element('output', { class: 'scale' }) };
}

function withValue(label: string, { input, said }: Slider, help: string): HTMLElement {
  const element = field(label, input, help);
  said.htmlFor.add(input.id);
  element.append(said);
  return element;
}
