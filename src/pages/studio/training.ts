import { messageOf } from '../../errors.ts';
import { cellOf, layerWidths } from '../../nn/spec.ts';
import { networkInWords } from '../../study/network-words.ts';
import { MODEL_ADDRESS } from './addresses.ts';
import type { EngineClient } from './engine-client.ts';
import type { ModelInfo } from './protocol.ts';
import type { Store } from './state.ts';
import type { Messages } from './messages.ts';
import type { TrainView } from './views/train-view.ts';
import { counted } from '../../text/words.ts';

/** The page's side of the training: buttons to the engine, news to the view. */
export class Training {
  /** The network that is there. */
  model?: ModelInfo;
  /** Called when another network has taken the place of the one before. */
  onModel?: (model: ModelInfo) => void;
  #running = false;
  #steps = 0;
  /** What the network that is there was made from: it no longer fits when that changes. */
  #madeFrom = '';
  readonly #engine: EngineClient;
  readonly #store: Store;
  readonly #view: TrainView;
  readonly #messages: Messages;

  constructor(engine: EngineClient, store: Store, view: TrainView, messages: Messages) {
    this.#engine = engine;
    this.#store = store;
    this.#view = view;
    this.#messages = messages;
    view.start.addEventListener('click', () => void this.#attempt(() => this.#toggle()));
    view.step.addEventListener('click', () => void this.#attempt(() => this.#train(1)));
    view.reset.addEventListener('click', () => void this.#attempt(() => this.reset()));
    view.trainOn.addEventListener('click', () => void this.#attempt(() => this.#trainOn()));
    engine.on('steps', (news) => {
      this.#steps = news.at(-1)?.step ?? this.#steps;
      view.addSteps(news);
    });
    engine.on('epoch', (record) => view.addEpoch(record));
    engine.on('paused', ({ step }) => {
      this.#setRunning(false);
      view.say(`Paused after step ${step.toLocaleString('en')}.`);
    });
    engine.on('fitting', ({ part }) => {
      this.#setRunning(false);
      view.say(`Trained. Fitting the memory to the held-out pieces … ${Math.floor(100 * part)} %`);
    });
    engine.on('ended', ({ reason, step, best, notFitted }) => {
      this.#setRunning(false);
      const which = best
        ? ` The network has the weights of epoch ${best.epoch}, the best (loss ${best.loss.toFixed(4)}).`
        : '';
      view.say(`The run is over after ${counted(step, 'step')}: ${reason}.${which}`);
      if (notFitted !== undefined)
        messages.error(`The memory has its default numbers; it cannot be fitted: ${notFitted}`, 'training');
    });
    engine.on('trouble', ({ message }) => {
      this.#setRunning(false);
      view.say('Training stopped.');
      messages.error(message, 'training');
    });
    store.subscribe(() => this.#compare());
  }

  /** Whether there is a network that resetting would lose something of. */
  get hasLearned(): boolean {
    return this.#steps > 0;
  }

  /** A fresh network as the settings say. */
  async reset(): Promise<void> {
    const { preset, overrides: given, threads } = this.#store.state;
    this.#view.say('Making a network …');
    const madeFrom = this.#description();
    const model = await this.#engine.ask('prepare', { preset, given, threads, backend: 'auto' });
    this.#take(model, madeFrom);
    this.#view.say(`A new network: ${describe(model)}.`);
  }

  /** The music is another now than what the network was made for. */
  musicChanged(): void {
    this.#view.trainOn.hidden = false;
  }

  /** Goes on from the network's weights, on the music that is there now. */
  async #trainOn(): Promise<void> {
    const { threads } = this.#store.state;
    const model = await this.#engine.ask('trainOn', { threads, backend: 'auto' });
    this.#take(model, '');
    this.#view.say(`The network keeps what it has learned: ${describe(model)}. Start trains it on this music.`);
  }

  /**
   * The network of a file.
   * @param whose what to call it
   */
  async open(bytes: Uint8Array, whose = 'A network from a file'): Promise<void> {
    const { threads } = this.#store.state;
    const model = await this.#engine.ask('open', { bytes, threads, backend: 'auto' });
    this.#take(model, '');
    const { step, trainable } = model;
    this.#view.say(
      `${whose}, trained for ${counted(step, 'step')}: ${describe(model)}. ` +
        (trainable
          ? 'Start continues at the next step.'
          : 'You can inspect and play it; its training music is not here, but you can continue training it on the music that is.'),
    );
  }

  /** The model that the server was started with. */
  async openServed(): Promise<void> {
    const response = await fetch(MODEL_ADDRESS);
    if (!response.ok) throw new Error('The server has no model: start it as “etude studio MODEL”.');
    await this.open(new Uint8Array(await response.arrayBuffer()));
  }

  /** Reports what goes wrong on the page. */
  async #attempt(action: () => Promise<void>): Promise<void> {
    this.#messages.gone('training');
    try {
      await action();
    } catch (thrown) {
      this.#view.say('');
      this.#messages.error(messageOf(thrown), 'training');
    }
  }

  async #toggle(): Promise<void> {
    if (this.#running) await this.#engine.ask('pause', undefined);
    else await this.#train(null);
  }

  async #train(steps: number | null): Promise<void> {
    if (!this.model) await this.reset();
    if (steps === null) this.#setRunning(true);
    this.#view.say(steps === null ? 'Training …' : 'One step …');
    try {
      await this.#engine.ask('train', { steps });
    } catch (thrown) {
      this.#setRunning(false);
      throw thrown;
    }
  }

  #take(model: ModelInfo, madeFrom: string): void {
    this.model = model;
    this.#steps = model.step;
    this.#madeFrom = madeFrom;
    this.#setRunning(false);
    this.#view.setModel(model);
    this.#messages.gone('training');
    this.#view.trainOn.hidden = model.trainable;
    this.onModel?.(model);
  }

  #setRunning(running: boolean): void {
    this.#running = running;
    this.#view.setRunning(running);
  }

  #description(): string {
    const { preset, overrides, threads } = this.#store.state;
    return JSON.stringify([preset, overrides, threads]);
  }

  #compare(): void {
    if (!this.model || this.#madeFrom === '') return;
    const differs = this.#description() !== this.#madeFrom;
    this.#view.reset.classList.toggle('primary', differs);
    if (differs) this.#view.say('The settings have changed: Reset makes a new network with them.');
  }
}

function describe({ parameters, spec, engineName, windows }: ModelInfo): string {
  const music = windows > 0 ? `, ${counted(windows, 'window')} to learn from` : '';
  return `${networkInWords(cellOf(spec), layerWidths(spec))}, ${parameters.toLocaleString('en')} weights${music}; ${engineName}`;
}
