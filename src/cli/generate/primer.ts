import { existsSync } from 'node:fs';
import { DataError, UsageError } from '../../errors.ts';
import {
  chooseInstrument,
  InstrumentNotFoundError,
  isMidiName,
  NotationError,
  noteTable,
  parseInstrumentChoice,
  readMidiFile,
  type InstrumentChoice,
  type NoteEvent,
} from '../../midi/node.ts';
import { noteEvents, prepareTable, primerFromText, usualPrimer, type MusicModel } from '../../music/index.ts';
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
 * What `--primer` says: none, the opening of a MIDI file, typed notes, or where it is not given what is stored with the model.
 * @throws UsageError when options beside it have no effect, or it is neither a file nor notes; DataError, FileError when a
 *   file has no notes to hear
 */
export function primerOf(model: MusicModel, options: Options, terminal: Terminal): Primer {
  const { primer } = options;
  if (primer === undefined) {
    refuseBeside(options, 'without a --primer FILE; give one', { primerNotes: true });
    const { name, notes } = usualPrimer(model);
    if (notes.length === 0) refuseBeside(options, 'where the model begins from nothing; give a --primer', { includePrimer: true }); // prettier-ignore
    return notes.length === 0 ? { name, notes } : { name: `the model's own, the opening of “${name}”`, notes };
  }
  if (primer === NONE) {
    refuseBeside(options, 'with --primer none', { primerNotes: true, includePrimer: true });
    return { name: NONE, notes: [] };
  }
  if (existsSync(primer) || isPath(primer)) {
    return { name: primer, notes: readPrimer(primer, model, options, terminal) };
  }
  refuseBeside(options, `on typed notes, and there is no file “${primer}”`);
  return { name: `“${primer}”`, notes: parsePrimer(primer, model).slice(0, options.primerNotes) };
}

/** Refuses options that say what to take of a file, and those named, where there is nothing for them. */
function refuseBeside(options: Options, why: string, also: { primerNotes?: true; includePrimer?: true } = {}): void {
  const given = [
    ...(also.primerNotes && options.primerNotes !== undefined ? ['--primer-notes'] : []),
    ...(options.primerInstrument !== undefined ? ['--primer-instrument'] : []),
    ...(options.compat?.reading !== undefined ? [`--compat ${options.compat.reading}`] : []),
    ...(also.includePrimer && options.includePrimer ? ['--include-primer'] : []),
  ];
  if (given.length > 0) throw new UsageError(`generate: ${given.join(', ')}: no effect ${why}.`);
}

/** Whether a text that is no file means one all the same. */
function isPath(text: string): boolean {
  return /[/\\]/.test(text) || isMidiName(text);
}

function parsePrimer(text: string, model: MusicModel): NoteEvent[] {
  try {
    return primerFromText(text, { model });
  } catch (thrown) {
    if (!(thrown instanceof NotationError)) throw thrown;
    throw new UsageError(
      `--primer: there is no file “${text}”, and as notes it cannot be read: ${thrown.message} ` +
        'Give a MIDI file, notes such as "C4 E4 G4", or none.',
      { cause: thrown },
    );
  }
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
  const timing = { tempo: file.tempo, meter: file.meter };
  const table = prepareTable({ table: noteTable(played.notes), pedal: played.pedal, timing }, settings);
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
