import { button, byId, el, field } from '../dom.ts';
import { redrawOnChange } from '../../kit/browser/canvas.ts';
import { COPIES, drawRoll, endOf, noteAt } from '../draw/roll.ts';
import { PrimerView } from './primer-view.ts';
import { RecallView } from './recall-view.ts';
import { addDrawn, describeDrawn, describeEnd, isCopy } from '../drawn-notes.ts';
import type { Drawn, EngineEvents, ModelInfo } from '../protocol.ts';
import { LEAST_SECONDS, LEAST_TEMPO, MOST_SECONDS, MOST_TEMPO, type PlayState, type Store } from '../state.ts';
import { counted } from '../../../text/words.ts';

/** What the view of playing asks for. */
export interface PlayActions {
  draw(): void;
  play(): void;
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
  readonly #roll = el('canvas', { class: 'plain roll drawn', attributes: { role: 'img' } });
  readonly #legend = el(
    'ul',
    { class: 'legend', hidden: true },
    el('li', { class: 'key-0' }, 'new'),
    el('li', { class: `key-${COPIES}` }, 'copied: the memory made more than half of its probability'),
    el('li', { class: 'key-ink' }, 'from where, of the chosen note'),
  );
  readonly #recall: RecallView;
  readonly #readout = el('p', { class: 'readout', id: 'drawn', attributes: { role: 'status' } });
  /** How the music came to its end. */
  readonly #end = el('p', { class: 'faint', id: 'drawn-end', attributes: { role: 'status' } });
  readonly #inputs = new Map<NumberKey, HTMLInputElement>();
  readonly #play: HTMLButtonElement;
  readonly #saves: HTMLButtonElement[];
  /** What was drawn, and what of it has been shown yet. */
  #drawn: EngineEvents['drawn'][] = [];
  #shown = 0;
  #growing = 0;
  #chosen = -1;
  #playhead: number | null = null;

  constructor(store: Store, actions: PlayActions, piano: HTMLElement) {
    this.#store = store;
    this.primer = new PrimerView(store);
    this.#play = button('Play', () => actions.play(), { disabled: true });
    const saveMidi = button('Save MIDI', () => actions.saveMidi(), { disabled: true });
    const saveWav = button('Save WAV', () => actions.saveWav(), { disabled: true });
    this.#saves = [saveMidi, saveWav];
    this.#recall = new RecallView(store);
    const open = fileInput('.safetensors,.etude', actions.open);
    const soundFont = fileInput('.sf2,.sf3', actions.soundFont);
    byId('play').append(
      el('div', { class: 'fields' }, ...this.primer.fields, ...this.#numbers(), ...this.#recall.fields),
      this.#recall.sentence,
      el(
        'div',
        { class: 'row actions' },
        button('Draw music', () => actions.draw(), { class: 'primary', id: 'draw' }),
        this.#play,
        toggle('Loop', actions.loop),
        toggle('Mute', actions.mute),
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
      this.#makeRoll(),
      this.#legend,
      this.#readout,
      this.#end,
      el('h3', {}, 'Play along'),
      el('p', { class: 'faint' }, 'Play something; when you stop, the network continues it.'),
      piano,
    );
    redrawOnChange(this.#roll, () => this.#draw());
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

  /** Begins a new roll. */
  begin(): void {
    this.#drawn = [];
    this.#shown = 0;
    this.#chosen = -1;
    this.#readout.textContent = '';
    this.#end.textContent = '';
  }

  add(news: EngineEvents['drawn']): void {
    addDrawn(this.#drawn, news);
    if (this.#growing === 0) this.#growing = requestAnimationFrame(() => this.#grow());
  }

  /** Everything has been drawn and can be played and saved. */
  finish(drawn: Drawn): void {
    this.#end.textContent = describeEnd(drawn);
    for (const each of [this.#play, ...this.#saves]) each.disabled = false;
  }

  setPlaying(playing: boolean): void {
    this.#play.textContent = playing ? 'Stop' : 'Play';
  }

  setPlayhead(seconds: number | null): void {
    this.#playhead = seconds;
    this.#draw();
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
    drawRoll(this.#roll, notes, {
      probabilities: shown.map(({ probability }) => probability),
      copied,
      ...(this.#chosen >= 0 && {
        chosen: { index: this.#chosen, source: origin?.among === 'drawn' ? origin.note : undefined },
      }),
      playhead: this.#playhead,
      seconds: this.#seconds(),
    });
    this.#legend.hidden = copies === 0;
    const ofThem = copies === 0 ? '' : `, ${copies} of them copied from earlier ones`;
    this.#roll.setAttribute(
      'aria-label',
      `Piano roll of the generated music, ${counted(notes.length, 'note')}${ofThem}; the more probable the note, the darker`,
    );
  }

  /** As wide from the start as what has been drawn so far, so that nothing slides. */
  #seconds(): number {
    return endOf(this.#drawn.map(({ note }) => note));
  }

  #makeRoll(): HTMLElement {
    const label = 'The generated music: left and right select a note, Home and End the first and last';
    const place = el(
      'div',
      { class: 'drawn-place', tabIndex: 0, attributes: { role: 'application', 'aria-label': label } },
      this.#roll,
    );
    this.#roll.addEventListener('pointermove', ({ offsetX, offsetY }) => {
      const { clientWidth: width, clientHeight: height } = this.#roll;
      const notes = this.#drawn.slice(0, this.#shown).map(({ note }) => note);
      const index = noteAt(notes, this.#seconds(), { width, height }, [offsetX, offsetY]);
      if (index !== this.#chosen) this.#choose(index);
    });
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
      const input = el('input', { type: 'number', ...properties });
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

function toggle(label: string, change: (on: boolean) => void): HTMLButtonElement {
  const element = button(
    label,
    () => {
      const on = element.getAttribute('aria-pressed') !== 'true';
      element.setAttribute('aria-pressed', String(on));
      change(on);
    },
    { attributes: { 'aria-pressed': 'false' } },
  );
  return element;
}

function fileInput(accept: string, take: (file: File) => void): HTMLInputElement {
  const input = el('input', {
    type: 'file',
    accept,
    hidden: true,
    tabIndex: -1,
    attributes: { 'aria-hidden': 'true' },
  });
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) take(file);
    input.value = '';
  });
  return input;
}
