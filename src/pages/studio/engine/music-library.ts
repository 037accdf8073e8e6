import { DataError } from '../../../errors.ts';
import { chooseInstrument, parseInstrumentChoice } from '../../../midi/instruments.ts';
import { compareNatural } from '../../../midi/corpus/natural-order.ts';
import type { Corpus, Piece } from '../../../midi/corpus/types.ts';
import { digestOfNotes } from '../../../midi/corpus/read-piece.ts';
import { readMidi, type ReadOptions } from '../../../midi/read/read-midi.ts';
import { sha256 } from '../../../sha256.ts';
import { noteTable } from '../../../midi/table.ts';
import type { MidiFile } from '../../../midi/types.ts';
import type { Settings } from '../../../music/settings.ts';
import { preparePiece, type Hearing } from '../../../music/prepare-table.ts';
import type { MusicFile } from '../protocol.ts';
import { counted, formatCount } from '../../../text/words.ts';

/** What of the settings decides which pieces a corpus has. */
type Selection = Pick<Settings, 'files' | 'instrument' | 'compat' | 'charset' | 'allowDamaged'> & {
  /** Pieces with fewer notes are left out. */
  minNotes: number;
};

/** What of the settings decides which notes a piece has. */
export type Choice = Pick<Settings, 'instrument' | 'compat' | 'charset'> & Hearing;

interface Entry {
  path: string;
  name: string;
  digest: string;
  bytes: Uint8Array;
  /** What was read, or why nothing could be; by whose reading. */
  readings: Map<string, MidiFile | DataError>;
}

/**
 * The music that was given to the page, read once each way that is asked for. The same files give the same corpus as `etude train` makes of them:
 * natural order, duplicates and what is damaged or too short left out and named.
 */
export class MusicLibrary {
  readonly #entries = new Map<string, Entry>();

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Takes a file, readable or not. A path that is there already is replaced. */
  add({ path, bytes }: MusicFile): void {
    this.#entries.set(path, { path, name: stem(path), digest: sha256(bytes), bytes, readings: new Map() });
  }

  /** All pieces that serve under these settings; possibly none. */
  corpus(selection: Selection): Corpus {
    const corpus: Corpus = { pieces: [], skipped: [], missing: [], duplicates: [], cached: 0 };
    const byBytes = new Map<string, string>();
    const byNotes = new Map<string, string>();
    const entries = [...this.#entries.values()].sort((a, b) => compareNatural(a.path, b.path));
    for (const entry of entries.slice(0, selection.files ?? entries.length)) {
      const { path, name, digest } = entry;
      const twin = byBytes.get(digest);
      if (twin !== undefined) {
        corpus.duplicates.push({ path, sameAs: twin });
        continue;
      }
      try {
        const file = readingOf(entry, selection);
        if (file instanceof DataError) throw file;
        const { table, ...rest } = musicOf(file, selection);
        const notes = digestOfNotes(table);
        const same = byNotes.get(notes);
        if (same !== undefined) {
          corpus.duplicates.push({ path, sameAs: same });
          continue;
        }
        corpus.pieces.push({ path, name, table, ...rest, problems: file.problems, digest });
        byBytes.set(digest, path);
        byNotes.set(notes, path);
      } catch (thrown) {
        if (!(thrown instanceof DataError)) throw thrown;
        corpus.skipped.push({ path, reason: thrown.message });
      }
    }
    return corpus;
  }

  /** One piece whole, whatever its length, as a model with these settings hears it. */
  piece(path: string, settings: Choice): Piece | undefined {
    const entry = this.#entries.get(path);
    const file = entry && readingOf(entry, settings);
    if (!entry || !file || file instanceof DataError) return undefined;
    const music = musicOf(file, { ...settings, allowDamaged: true, minNotes: 1, files: null });
    const piece = { path, name: entry.name, ...music, problems: file.problems, digest: entry.digest };
    return preparePiece(piece, settings);
  }
}

function readingOf(
  { bytes, readings }: Entry,
  { compat, charset }: Pick<Choice, 'compat' | 'charset'>,
): MidiFile | DataError {
  const key = JSON.stringify([compat, charset]);
  let file = readings.get(key);
  if (file === undefined) {
    file = read(bytes, { compat: compat ?? undefined, charset: charset ?? undefined });
    readings.set(key, file);
  }
  return file;
}

function read(bytes: Uint8Array, options: ReadOptions): MidiFile | DataError {
  try {
    return readMidi(bytes, options);
  } catch (thrown) {
    if (!(thrown instanceof DataError)) throw thrown;
    return thrown;
  }
}

/** @throws DataError with the reason why the file cannot serve */
function musicOf(
  file: MidiFile,
  { instrument, allowDamaged, minNotes }: Selection,
): Pick<Piece, 'table' | 'pedal' | 'timing'> {
  const damage = file.problems.filter(({ severity }) => severity === 'damage');
  const chosen = file.instruments.length > 0 ? chooseInstrument(file, parseInstrumentChoice(instrument)) : undefined;
  const { notes, pedal } = chosen ?? { notes: [] };
  if (damage.length > 0 && !allowDamaged) throw new DataError(`damaged: ${damage[0].message}`);
  if (notes.length === 0) throw new DataError('no notes');
  if (notes.length < minNotes) {
    throw new DataError(`${counted(notes.length, 'note')}, at least ${formatCount(minNotes)} are needed`);
  }
  return { table: noteTable(notes), ...(pedal && { pedal }), timing: { tempo: file.tempo, meter: file.meter } };
}

function stem(path: string): string {
  const name = path.split('/').at(-1)!;
  return name.replace(/\.[^.]*$/, '');
}
