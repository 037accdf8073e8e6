import type { Note } from '../../../midi/types.ts';
import { noteName } from '../../../midi/note-names.ts';
import { button, select, setOptions } from '../../kit/browser/controls.ts';
import { byId, element } from '../../kit/browser/elements.ts';
import { PieceRoll } from '../../kit/browser/piece-roll.ts';
import type { Tooltip } from '../../kit/browser/tooltip.ts';
import { endOf } from '../../kit/roll-place.ts';
import type { MusicFile, MusicInfo } from '../protocol.ts';
import { filesOf, filesOfDrop } from '../dropped-files.ts';
import { fileInput } from '../files-of-user.ts';
import { counted } from '../../../text/words.ts';
import { decimals } from '../../../text/numbers.ts';
import { Transport } from '../transport.ts';

/** What the view of the music asks for. */
export interface MusicActions {
  /** Files that came from the user. */
  take(files: MusicFile[]): void;
  songbook(): void;
  choose(path: string): void;
  hear(): void;
  seek(seconds: number): void;
}

/** The pieces: a list, the roll of the chosen one, and the ways for others to come in. */
export class MusicView {
  /** Plays the chosen piece. */
  readonly transport: Transport;
  readonly #pieces: HTMLSelectElement;
  readonly #summary = element('p', { class: 'faint' });
  readonly #roll: PieceRoll;
  #notes: readonly Note[] = [];

  constructor(actions: MusicActions, tooltip: Tooltip) {
    this.#pieces = select([], '', (path) => actions.choose(path), { 'aria-label': 'Piece' });
    this.#roll = new PieceRoll('roll small', tooltip, (note) => describeNote(this.#notes, note));
    this.transport = new Transport('Hear', actions.hear, actions.seek, (seconds) => this.#roll.setPlayhead(seconds));
    const take = (list: FileList): void => void filesOf(list).then((taken) => actions.take(taken));
    const files = fileInput({ multiple: true, accept: '.mid,.midi,.smf,.kar,.rmi,audio/midi' }, take);
    const folder = fileInput({ multiple: true, webkitdirectory: true }, take);
    const drop = element(
      'div',
      { class: 'drop' },
      element('p', {}, 'Drop MIDI files or a folder anywhere on the page'),
      element(
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
      element('div', { class: 'row piece-row' }, this.#pieces),
      this.#roll.canvas,
      this.transport.root,
      drop,
    );
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
    if (notes !== this.#notes) this.transport.setLength(notes.length === 0 ? 0 : endOf(notes));
    this.#notes = notes;
    this.#roll.show(`Piano roll of ${name}, ${counted(notes.length, 'note')}`, notes, { phrase });
  }
}

function describeNote(notes: readonly Note[], at: number): string {
  const { pitch, start, end } = notes[at];
  return `note ${at + 1} of ${notes.length}, ${noteName(pitch)}\nat ${decimals(start, 2)} s, ${decimals(end - start, 2)} s long`;
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
