import { messageOf } from '../../errors.ts';
import { noteName } from '../../midi/note-names.ts';
import type { EngineClient } from './engine-client.ts';
import { Latest } from './latest.ts';
import type { CellChoice, PhraseChoice, PhraseView } from './phrase.ts';
import type { Store } from './state.ts';
import type { CellView } from './views/cell-view.ts';
import type { LookView } from './views/look-view.ts';
import type { Messages } from './messages.ts';

/** Keeps what is seen of the network in step with what is chosen, and with the training. */
export class Looking {
  readonly #store: Store;
  readonly #looks: Latest<PhraseChoice>;
  readonly #cells: Latest<CellChoice>;
  readonly #lookView: LookView;
  #layers = 0;
  #asked = '';
  #view?: PhraseView;

  constructor(engine: EngineClient, store: Store, views: { look: LookView; cell: CellView }, messages: Messages) {
    this.#store = store;
    this.#lookView = views.look;
    this.#looks = new Latest(async (choice) => {
      try {
        await engine.ask('watch', { phrase: choice });
        this.#show(await engine.ask('look', choice));
        messages.gone('looking');
      } catch (thrown) {
        messages.error(messageOf(thrown), 'looking');
      }
    });
    this.#cells = new Latest(async (choice) => {
      try {
        const cell = await engine.ask('cell', choice);
        const pitch = this.#view?.pitch[choice.at];
        views.cell.show(
          cell,
          pitch === undefined ? 'a note' : `note ${choice.from + choice.at + 1} (${noteName(pitch)})`,
        );
        messages.gone('cell');
      } catch (thrown) {
        messages.error(messageOf(thrown), 'cell');
      }
    });
    engine.on('phrase', (view) => this.#show(view));
    store.subscribe(() => this.refresh());
  }

  /** Another network. */
  setNetwork({ layers }: { layers: number }): void {
    this.#layers = layers;
    this.#lookView.setLayers(layers);
    this.refresh(true);
  }

  /** Looks, if what is chosen has changed, or in any case. */
  refresh(always = false): void {
    const { view } = this.#store.state;
    if (this.#layers === 0 || view.piece === '') return;
    const { piece: path, from, count } = view;
    const choice = { path, from, count, layer: Math.min(view.layer, this.#layers - 1) };
    const text = JSON.stringify(choice);
    if (text === this.#asked && !always) {
      this.#askCell();
      return;
    }
    this.#asked = text;
    this.#looks.ask(choice);
  }

  #show(view: PhraseView): void {
    this.#view = view;
    this.#lookView.show(view);
    this.#askCell();
  }

  #askCell(): void {
    if (!this.#view) return;
    const { at, unit } = this.#store.state.view;
    const { choice, pitch, units } = this.#view;
    this.#cells.ask({ ...choice, at: Math.min(at, pitch.length - 1), unit: Math.min(unit, units - 1) });
  }
}
