import { isBlackKey, noteName } from '../../../midi/note-names.ts';
import { button } from '../../kit/browser/controls.ts';
import { element } from '../../kit/browser/elements.ts';
import { keyMessage } from '../played-notes.ts';

/** Who hears of keys. */
export interface KeyListener {
  press(pitch: number, velocity: number): void;
  release(pitch: number): void;
}

const LOWEST = 60;
const KEYS = 25;
/** Of a computer's keyboard, by place: the row of A plays the white keys from middle C, the row above it the black ones. */
const COMPUTER_KEYS = ['KeyA', 'KeyW', 'KeyS', 'KeyE', 'KeyD', 'KeyF', 'KeyT', 'KeyG', 'KeyY', 'KeyH', 'KeyU', 'KeyJ', 'KeyK', 'KeyO', 'KeyL', 'KeyP', 'Semicolon']; // prettier-ignore

/** Two octaves on the page, played by pointer or computer keyboard, and any MIDI keyboard that the browser lets in. */
export class PianoView {
  readonly element: HTMLElement;
  readonly #listener: KeyListener;
  readonly #keys = new Map<number, HTMLButtonElement>();
  readonly #connect: HTMLButtonElement;
  readonly #say: (text: string) => void;

  constructor(listener: KeyListener, say: (text: string) => void) {
    this.#listener = listener;
    this.#say = say;
    const keys = Array.from({ length: KEYS }, (_, k) => this.#key(LOWEST + k));
    const piano = element(
      'div',
      { class: 'piano', role: 'group', 'aria-label': 'Piano: the rows of A and Q play too' },
      ...keys,
    );
    piano.addEventListener('keydown', (event) => this.#computerKey(event, true));
    piano.addEventListener('keyup', (event) => this.#computerKey(event, false));
    this.#connect = button('MIDI keyboard …', () => void this.#connectMidi());
    this.#connect.hidden = !('requestMIDIAccess' in navigator);
    this.element = element('div', {}, piano, element('div', { class: 'row' }, this.#connect));
  }

  #key(pitch: number): HTMLButtonElement {
    const key = element('button', {
      type: 'button',
      class: isBlackKey(pitch) ? 'key black' : 'key',
      // One stop for the whole piano; the arrow keys go from key to key.
      tabindex: pitch === LOWEST ? 0 : -1,
      'aria-label': noteName(pitch),
    });
    key.addEventListener('pointerdown', (event) => {
      key.setPointerCapture(event.pointerId);
      this.#press(pitch, 90);
    });
    for (const end of ['pointerup', 'pointercancel']) key.addEventListener(end, () => this.#release(pitch));
    this.#keys.set(pitch, key);
    return key;
  }

  #computerKey(event: KeyboardEvent, down: boolean): void {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = [...this.#keys].find(([, key]) => key === document.activeElement)?.[0] ?? LOWEST;
    if (event.code === 'ArrowRight' || event.code === 'ArrowLeft') {
      event.preventDefault();
      if (down) this.#focus(focused + (event.code === 'ArrowRight' ? 1 : -1));
      return;
    }
    const place = COMPUTER_KEYS.indexOf(event.code);
    const pitch = event.code === 'Space' || event.code === 'Enter' ? focused : place < 0 ? undefined : LOWEST + place;
    if (pitch === undefined) return;
    event.preventDefault();
    if (down) this.#press(pitch, 90);
    else this.#release(pitch);
  }

  #focus(pitch: number): void {
    const key = this.#keys.get(pitch);
    if (!key) return;
    for (const each of this.#keys.values()) each.tabIndex = -1;
    key.tabIndex = 0;
    key.focus();
  }

  #press(pitch: number, velocity: number): void {
    this.#keys.get(pitch)?.classList.add('down');
    this.#listener.press(pitch, velocity);
  }

  #release(pitch: number): void {
    this.#keys.get(pitch)?.classList.remove('down');
    this.#listener.release(pitch);
  }

  async #connectMidi(): Promise<void> {
    try {
      this.#listenTo(await navigator.requestMIDIAccess());
    } catch (thrown) {
      if (!(thrown instanceof DOMException)) throw thrown;
      this.#say(
        `The browser does not let the page use MIDI keyboards (${thrown.message}); you can play the piano on the page instead.`,
      );
    }
  }

  #listenTo(access: MIDIAccess): void {
    const listen = (): void => {
      for (const input of access.inputs.values()) input.onmidimessage = ({ data }) => this.#hear(data);
    };
    listen();
    access.onstatechange = listen;
    const names = [...access.inputs.values()].map(({ name }) => name);
    this.#say(
      names.length > 0
        ? `Listening to ${names.join(', ')}.`
        : 'No MIDI keyboard is connected yet; plug one in to play it.',
    );
  }

  #hear(data: Uint8Array | null): void {
    const message = data && keyMessage(data);
    if (message?.kind === 'press') this.#press(message.pitch, message.velocity);
    else if (message) this.#release(message.pitch);
  }
}
