import { messageOf } from '../../../errors.ts';
import { typedNotes } from '../../../midi/notation/typed.ts';
import { field, select, setOptions } from '../../kit/browser/controls.ts';
import { element } from '../../kit/browser/elements.ts';
import type { ModelInfo } from '../protocol.ts';
import { NO_PRIMER, type Store } from '../state.ts';

/** Any tempo will do to see whether a text is in the notation. */
const TEMPO = 120;

/** What the network hears before it draws: a piece from a list, or typed notes, which go first. */
export class PrimerView {
  readonly fields: HTMLElement[];
  readonly #store: Store;
  readonly #list: HTMLSelectElement;
  readonly #typed = element('input', {
    type: 'text',
    placeholder: 'C4 E4 [G4 C5]:2',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #wrong = element('p', { class: 'wrong', id: 'typed-wrong', role: 'alert' });

  constructor(store: Store) {
    this.#store = store;
    this.#list = select([], '', (primer) => store.setPlay({ primer }));
    const help = 'Letter, accidental, octave; :8 an eighth, [c4 e g] a chord, r a rest. Used instead of the piece';
    const typed = field('Or type notes', this.#typed, help);
    typed.append(this.#wrong);
    this.#typed.setAttribute('aria-describedby', this.#wrong.id);
    this.#typed.addEventListener('input', () => store.setPlay({ typed: this.#typed.value }));
    this.fields = [field('Primer', this.#list), typed];
    store.subscribe(() => this.#show());
    this.#show();
  }

  /** The pieces whose openings can be heard first, and what the model hears first unless told. */
  setPieces(pieces: readonly { path: string; name: string }[], { name, notes }: ModelInfo['primer']): void {
    const named = pieces.map(({ path, name: piece }) => [path, piece] as const);
    const own = notes.length === 0 ? 'none: the model begins itself' : `the model’s own (${name})`;
    const options = [['', own], [NO_PRIMER, 'none'], ...named] as const;
    setOptions(this.#list, options, this.#store.state.play.primer);
  }

  #show(): void {
    const { typed } = this.#store.state.play;
    if (this.#typed.value !== typed) this.#typed.value = typed;
    this.#list.disabled = typed.trim() !== '';
    const wrong = whatIsWrong(typed);
    if (this.#wrong.textContent !== wrong) this.#wrong.textContent = wrong;
    this.#typed.setAttribute('aria-invalid', String(wrong !== ''));
  }
}

function whatIsWrong(typed: string): string {
  if (typed.trim() === '') return '';
  try {
    typedNotes(typed, { tempo: TEMPO });
    return '';
  } catch (thrown) {
    return messageOf(thrown);
  }
}
