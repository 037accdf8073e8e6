import { button, field, toggle } from '../../kit/browser/controls.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { lineKey } from '../../kit/browser/legend.ts';
import { PieceRoll } from '../../kit/browser/piece-roll.ts';
import { COPIES } from '../../kit/browser/roll.ts';
import type { Tooltip } from '../../kit/browser/tooltip.ts';
import { endOf } from '../../kit/roll-place.ts';
import { Transport } from '../transport.ts';
import { PrimerView } from './primer-view.ts';
import { RecallView } from './recall-view.ts';
import { fileInput } from '../files-of-user.ts';
import { addDrawn, describeDrawn, describeEnd, isCopy } from '../drawn-notes.ts';
import type { Drawn, EngineEvents, ModelInfo } from '../protocol.ts';
import { LEAST_SECONDS, LEAST_TEMPO, MOST_SECONDS, MOST_TEMPO, type PlayState, type Store } from '../state.ts';
import { counted } from '../../../text/words.ts';

/** What the view of playing asks for. */
export interface PlayActions {
  draw(): void;
  play(): void;
  seek(seconds: number): void;
  loop(on: boolean): void;
  mute(on: boolean): void;
  saveMidi(): void;
  saveWav(): void;
  saveModel(): void;
  open(file: File): void;
  soundFont(file: File): void;
}

/** Drawing music: how, the roll that grows, and what can be done with it. */
export class PlayView {
  readonly #store: Store;
  readonly primer: PrimerView;
  /** Plays what was drawn. */
  readonly transport: Transport;
  readonly #roll: PieceRoll;
  readonly #legend = element(
    'p',
    { class: 'row legend', hidden: true },
    lineKey(0, 'new'),
    lineKey(COPIES, 'copied: the memory made more than half of its probability'),
    element('span', { class: 'key' }, element('span', { class: 'dash chosen' }), 'from where, of the chosen note'),
  );
  readonly #recall: RecallView;
  readonly #readout = element('p', { class: 'readout', id: 'drawn', role: 'status' });
  /** How the music came to its end. */
  readonly #end = element('p', { class: 'faint', id: 'drawn-end', role: 'status' });
  readonly #inputs = new Map<NumberKey, HTMLInputElement>();
  readonly #saves: HTMLButtonElement[];
  /** What was drawn, and what of it has been shown yet. */
  #drawn: EngineEvents['drawn'][] = [];
  #shown = 0;
  #growing = 0;
  #chosen = -1;

  constructor(store: Store, actions: PlayActions, piano: HTMLElement, tooltip: Tooltip) {
    this.#store = store;
    this.primer = new PrimerView(store);
    this.transport = new Transport('Play', actions.play, actions.seek, (seconds) => this.#roll.setPlayhead(seconds));
    this.#roll = new PieceRoll(
      'roll drawn',
      tooltip,
      (note) => describeDrawn(this.#drawn, note),
      (note) => {
        if (note !== this.#chosen) this.#choose(note);
      },
    );
    const saveMidi = button('Save MIDI', () => actions.saveMidi(), { disabled: true });
    const saveWav = button('Save WAV', () => actions.saveWav(), { disabled: true });
    this.#saves = [saveMidi, saveWav];
    this.#recall = new RecallView(store);
    const open = fileInput({ accept: '.safetensors,.etude' }, ([file]) => actions.open(file));
    const soundFont = fileInput({ accept: '.sf2,.sf3' }, ([file]) => actions.soundFont(file));
    byId('play').append(
      element('div', { class: 'fields' }, ...this.primer.fields, ...this.#numbers(), ...this.#recall.fields),
      this.#recall.sentence,
      element(
        'div',
        { class: 'row actions' },
        button('Draw music', () => actions.draw(), { class: 'primary', id: 'draw' }),
        saveMidi,
        saveWav,
        button('Save model', () => actions.saveModel(), { id: 'save-model' }),
        button('Open model …', () => open.click()),
        button('SoundFont …', () => soundFont.click(), {
          title: 'An .sf2 or .sf3 file to play with; you can also drop it on the page',
        }),
        open,
        soundFont,
      ),
      element(
        'div',
        { class: 'row playing' },
        this.transport.root,
        toggle('Loop', actions.loop),
        toggle('Mute', actions.mute),
      ),
      this.#makeRoll(),
      this.#legend,
      this.#readout,
      this.#end,
      element('h3', {}, 'Play along'),
      element('p', { class: 'faint' }, 'Play something; when you stop, the network continues it.'),
      piano,
    );
  }

  /** How strongly the music of the network that is there recalls itself unless told, and how much of it. */
  setRecall(own: Pick<ModelInfo, 'recall' | 'budget'>): void {
    this.#recall.setOwn(own);
  }

  /** How the network that is there ends its music and at which tempo it plays, unless told. */
  setLength({ length, tempo }: Pick<ModelInfo, 'length' | 'tempo'>): void {
    this.#inputs.get('notes')!.placeholder = length === 'auto' ? 'until it ends' : String(length);
    const field = this.#inputs.get('tempo')!;
    field.closest<HTMLElement>('.field')!.hidden = tempo === null;
    field.placeholder = `its own: ${Math.round(tempo ?? 0)}`;
  }

  /** Begins a new roll; until it is finished there is nothing to play or to save. */
  begin(): void {
    this.#drawn = [];
    this.#shown = 0;
    this.#chosen = -1;
    this.#readout.textContent = '';
    this.#end.textContent = '';
    this.transport.setLength(0);
    for (const each of this.#saves) each.disabled = true;
  }

  add(news: EngineEvents['drawn']): void {
    addDrawn(this.#drawn, news);
    if (this.#growing === 0) this.#growing = requestAnimationFrame(() => this.#grow());
  }

  /** Everything has been drawn and can be played and saved. */
  finish(drawn: Drawn): void {
    this.#end.textContent = describeEnd(drawn);
    this.transport.setLength(endOf(drawn.notes));
    for (const each of this.#saves) each.disabled = false;
  }

  /** The roll grows by some notes a frame, faster the more are waiting: a second or so for a piece. */
  #grow(): void {
    const waiting = this.#drawn.length - this.#shown;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#shown += still ? waiting : Math.min(waiting, Math.max(1, Math.ceil(waiting / 30)));
    this.#choose(this.#shown - 1);
    this.#growing = this.#shown < this.#drawn.length ? requestAnimationFrame(() => this.#grow()) : 0;
  }

  #draw(): void {
    const shown = this.#drawn.slice(0, this.#shown);
    const notes = shown.map(({ note }) => note);
    const copied = shown.map(isCopy);
    const copies = copied.filter(Boolean).length;
    const origin = copied[this.#chosen] ? shown[this.#chosen].origin : undefined;
    const ofThem = copies === 0 ? '' : `, ${copies} of them copied from earlier ones`;
    this.#legend.hidden = copies === 0;
    this.#roll.show(
      `Piano roll of the generated music, ${counted(notes.length, 'note')}${ofThem}; the more probable the note, the stronger its colour`,
      notes,
      {
        probabilities: shown.map(({ probability }) => probability),
        copied,
        chosen: this.#chosen,
        source: origin?.among === 'drawn' ? origin.note : undefined,
      },
      this.#seconds(),
    );
  }

  /** As wide from the start as what has been drawn so far, so that nothing slides. */
  #seconds(): number {
    return endOf(this.#drawn.map(({ note }) => note));
  }

  #makeRoll(): HTMLElement {
    const label = 'The generated music: left and right select a note, Home and End the first and last';
    const place = element(
      'div',
      { class: 'drawn-place', tabindex: 0, role: 'application', 'aria-label': label },
      this.#roll.canvas,
    );
    place.addEventListener('keydown', (event) => {
      const [at, last] = [this.#chosen, this.#shown - 1];
      const to = { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(last, at + 1), Home: 0, End: last }[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.#choose(to);
    });
    return place;
  }

  #choose(index: number): void {
    this.#chosen = index < this.#shown ? index : -1;
    this.#draw();
    if (this.#chosen >= 0) this.#readout.textContent = describeDrawn(this.#drawn, this.#chosen);
  }

  #numbers(): HTMLElement[] {
    const number = (
      key: NumberKey,
      label: string,
      properties: { min: string; max: string; step: string },
      help?: string,
    ): HTMLElement => {
      const input = element('input', { type: 'number', ...properties });
      const show = (play: PlayState): void => {
        if (document.activeElement !== input) input.value = String(play[key] ?? '');
      };
      input.placeholder = key === 'seconds' ? 'no limit' : 'the same';
      this.#inputs.set(key, input);
      input.addEventListener('change', () => {
        const value = input.value === '' && isOptional(key) ? null : input.valueAsNumber;
        input.removeAttribute('aria-invalid');
        // What is out of range stays where it was, and the field says so.
        if (value === null || input.checkValidity()) this.#store.setPlay({ [key]: value });
        else input.setAttribute('aria-invalid', 'true');
      });
      show(this.#store.state.play);
      this.#store.subscribe(({ play }) => show(play));
      return field(label, input, help);
    };
    const temperature = { min: '0.05', max: '100', step: 'any' };
    return [
      number(
        'notes',
        'New notes',
        { min: '1', max: '20000', step: '1' },
        'Empty: until the network ends the piece if it has learned endings, otherwise the default number',
      ),
      number(
        'seconds',
        'Or seconds',
        { min: String(LEAST_SECONDS), max: String(MOST_SECONDS), step: 'any' },
        'Ends the music after this time, however many notes that takes',
      ),
      number(
        'tempo',
        'Tempo',
        { min: String(LEAST_TEMPO), max: String(MOST_TEMPO), step: 'any' },
        'Quarter notes per minute: the network measures time in beats, and plays at any tempo',
      ),
      number('seed', 'Seed of the music', { min: '0', max: String(Number.MAX_SAFE_INTEGER), step: '1' }),
      number(
        'temperature',
        'Temperature (pitch)',
        temperature,
        'Below 1 safer and more predictable, above 1 more surprising',
      ),
      number(
        'timeTemperature',
        'Time temperature',
        temperature,
        'Of steps and durations: lower temperatures make times short and fast',
      ),
      number('stepTemperature', 'Step temperature', temperature),
      number('durationTemperature', 'Duration temperature', temperature),
      number(
        'topP',
        'Top-p',
        { min: '0.01', max: '1', step: 'any' },
        'Sample the pitch from the most likely ones with this total probability',
      ),
    ];
  }
}

type NumberKey = Exclude<
  { [K in keyof PlayState]: PlayState[K] extends number | null ? K : never }[keyof PlayState],
  'recall' | 'budget'
>;

function isOptional(key: NumberKey): boolean {
  return ['notes', 'seconds', 'tempo', 'stepTemperature', 'durationTemperature'].includes(key);
}
