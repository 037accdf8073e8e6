import type { Note } from '../../../midi/types.ts';
import { button, byId, el, select, setOptions } from '../dom.ts';
import { drawRoll } from '../draw/roll.ts';
import { redrawOnChange } from '../../kit/browser/canvas.ts';
import type { MusicFile, MusicInfo } from '../protocol.ts';
import { filesOf, filesOfDrop } from '../dropped-files.ts';
import { counted } from '../../../text/words.ts';

/** What the view of the music asks for. */
export interface MusicActions {
  /** Files that came from the user. */
  take(files: MusicFile[]): void;
  songbook(): void;
  choose(path: string): void;
  hear(): void;
}

/** The pieces: a list, the roll of the chosen one, and the ways for others to come in. */
export class MusicView {
  readonly #pieces: HTMLSelectElement;
  readonly #summary = el('p', { class: 'faint' });
  readonly #roll = el('canvas', { class: 'plain roll small', attributes: { role: 'img' } });
  readonly #hear: HTMLButtonElement;
  #notes: readonly Note[] = [];
  #phrase: readonly [from: number, to: number] = [0, 0];
  #playhead: number | null = null;

  constructor(actions: MusicActions) {
    this.#pieces = select([], '', (path) => actions.choose(path));
    this.#pieces.setAttribute('aria-label', 'Piece');
    this.#hear = button('Hear', () => actions.hear(), { disabled: true });
    const files = fileInput({ multiple: true, accept: '.mid,.midi,.smf,.kar,.rmi,audio/midi' }, actions);
    const folder = fileInput({ multiple: true, webkitdirectory: true }, actions);
    const drop = el(
      'div',
      { class: 'drop' },
      el('p', {}, 'Drop MIDI files or a folder anywhere on the page'),
      el(
        'div',
        { class: 'row' },
        button('Files …', () => files.click()),
        button('Folder …', () => folder.click()),
        button('Songbook', () => actions.songbook()),
      ),
      files,
      folder,
    );
    byId('data').append(
      this.#summary,
      el('div', { class: 'row piece-row' }, this.#pieces, this.#hear),
      this.#roll,
      drop,
    );
    redrawOnChange(this.#roll, () => this.#draw());
    acceptDrops(actions);
  }

  setMusic({ pieces, skipped, duplicates }: MusicInfo, chosen: string): void {
    const notes = pieces.reduce((sum, piece) => sum + piece.notes, 0);
    const left = skipped.length > 0 ? `, ${skipped.length} left out` : '';
    const twins = duplicates > 0 ? `, ${duplicates} the same as another` : '';
    this.#summary.textContent = `${counted(pieces.length, 'piece')}, ${counted(notes, 'note')}${left}${twins}`;
    this.#summary.title = skipped.map(({ path, reason }) => `${path}: ${reason}`).join('\n');
    setOptions(
      this.#pieces,
      pieces.map(({ path, name, notes: count }) => [path, `${name} (${counted(count, 'note')})`] as const),
      chosen,
    );
  }

  /** The notes of the chosen piece, and the stretch that is looked at. */
  setPiece(name: string, notes: readonly Note[], phrase: readonly [from: number, to: number]): void {
    this.#notes = notes;
    this.#phrase = phrase;
    this.#hear.disabled = notes.length === 0;
    this.#roll.setAttribute('aria-label', `Piano roll of ${name}, ${counted(notes.length, 'note')}`);
    this.#draw();
  }

  setPlaying(playing: boolean): void {
    this.#hear.textContent = playing ? 'Stop' : 'Hear';
  }

  /** Where the music is, in seconds; null while it does not sound. */
  setPlayhead(seconds: number | null): void {
    this.#playhead = seconds;
    this.#draw();
  }

  #draw(): void {
    drawRoll(this.#roll, this.#notes, { phrase: this.#phrase, playhead: this.#playhead });
  }
}

function fileInput(properties: Partial<HTMLInputElement>, actions: MusicActions): HTMLInputElement {
  const input = el('input', { type: 'file', hidden: true, attributes: { 'aria-hidden': 'true' } });
  Object.assign(input, properties);
  input.tabIndex = -1;
  input.addEventListener('change', () => {
    void filesOf(input.files ?? []).then((files) => actions.take(files));
    input.value = '';
  });
  return input;
}

function acceptDrops(actions: MusicActions): void {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  for (const end of ['dragleave', 'drop', 'dragend']) {
    addEventListener(end, () => document.body.classList.remove('dropping'));
  }
  addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer) void filesOfDrop(event.dataTransfer).then((files) => actions.take(files));
  });
}
