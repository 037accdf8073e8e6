import { DataError, UsageError } from '../../errors.ts';
import {
  chooseInstrument,
  InstrumentNotFoundError,
  noteTable,
  parseInstrumentChoice,
  readMidiFile,
  type InstrumentChoice,
  type NoteEvent,
} from '../../midi/node.ts';
import { noteEvents, prepareTable, type MusicModel } from '../../music/index.ts';
import type { OptionValues } from '../options.ts';
import type { generate as words } from '../model-commands-table.ts';
import { readingOf } from '../reading-options.ts';
import type { Terminal } from '../terminal.ts';

type Options = OptionValues<(typeof words)['options']>;

/** What a model hears before it draws. */
export interface Primer {
  /** As the figures call it. */
  name: string;
  /** None: it begins from nothing. */
  notes: readonly NoteEvent[];
}

/** The word that stands for no primer. */
const NONE = 'none';

/**
 * What `--primer` says: none, the opening of a MIDI file, or where it is not given what is stored with the model.
 * @throws UsageError when options beside it have no effect; DataError, FileError when the file has no notes to hear
 */
export function primerOf(model: MusicModel, options: Options, terminal: Terminal): Primer {
  const { primer, primerNotes, primerInstrument, includePrimer } = options;
  const ofFile = primerInstrument !== undefined || options.compat?.reading !== undefined;
  if (primer === undefined) {
    if (primerNotes !== undefined || ofFile) {
      throw new UsageError(
        'generate: --primer-notes, --primer-instrument and --compat pretty_midi or none say what to take of a --primer FILE; give one.',
      );
    }
    return { ...model.primer, name: `the model's own, the opening of “${model.primer.name}”` };
  }
  if (primer === NONE) {
    if (primerNotes !== undefined || ofFile || includePrimer) {
      throw new UsageError(
        'generate: with --primer none nothing is heard first; leave out what says what to take of a primer, and --include-primer.',
      );
    }
    return { name: NONE, notes: [] };
  }
  return { name: primer, notes: readPrimer(primer, model, options, terminal) };
}

/** The first notes of a file, or all where it has fewer. */
function readPrimer(path: string, { settings }: MusicModel, options: Options, terminal: Terminal): NoteEvent[] {
  const { primerNotes = settings.seqLength, primerInstrument } = options;
  const file = readMidiFile(path, readingOf({ ...options, compat: options.compat?.reading }, settings));
  for (const { message, severity } of file.problems) {
    if (severity === 'damage') terminal.warn(`${path}: ${message}`);
  }
  const played = file.instruments.length > 0 ? instrumentOf(path, file, primerInstrument ?? parseInstrumentChoice(settings.instrument)) : undefined; // prettier-ignore
  if (!played || played.notes.length === 0) {
    throw new DataError(
      `${path}: there are no notes to hear. Give another file, choose another instrument with --primer-instrument, or hear nothing with --primer none.`,
    );
  }
  const table = prepareTable({ table: noteTable(played.notes), pedal: played.pedal }, settings);
  return noteEvents(table, primerNotes);
}

function instrumentOf(path: string, file: Parameters<typeof chooseInstrument>[0], choice: InstrumentChoice) {
  try {
    return chooseInstrument(file, choice);
  } catch (thrown) {
    if (!(thrown instanceof InstrumentNotFoundError)) throw thrown;
    throw new DataError(`${path}: ${thrown.message}`, { cause: thrown });
  }
}
