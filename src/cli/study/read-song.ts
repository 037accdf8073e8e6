import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError } from '../../errors.ts';
import {
  chooseInstrument,
  InstrumentNotFoundError,
  noteTable,
  parseInstrumentChoice,
  programName,
  readMidiFile,
  type Instrument,
  type InstrumentChoice,
  type MidiFile,
} from '../../midi/node.ts';
import type { MusicModel } from '../../music/index.ts';
import { sha256 } from '../../sha256.ts';
import type { StudiedSong } from '../../study/index.ts';
import type { OptionValues } from '../options.ts';
import { readingOf, type MODEL_READING } from '../reading-options.ts';
import { printable } from '../../text/table.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Reads the song that is to be studied, the notes of one instrument.
 * @throws MidiError when it is no MIDI file; DataError when it has no notes of that instrument
 */
export function readSong(
  path: string,
  model: MusicModel,
  options: OptionValues<typeof MODEL_READING> & { instrument: InstrumentChoice | undefined },
  terminal: Terminal,
): StudiedSong {
  const file = readMidiFile(path, readingOf(options, model.settings));
  for (const { message, severity } of file.problems) {
    if (severity === 'damage') terminal.warn(`${path}: ${message}`);
  }
  const choice = options.instrument ?? parseInstrumentChoice(model.settings.instrument);
  const { program, isDrum, notes, pedal } = choose(path, file, choice);
  return {
    name: printable(basename(path)),
    instrument: choice.by === 'all' ? 'all instruments' : isDrum ? 'drums' : programName(program),
    digest: sha256(readFileSync(path)),
    table: noteTable(notes),
    ...(pedal && { pedal }),
    tempo: file.tempo,
    meter: file.meter,
  };
}

function choose(path: string, file: MidiFile, choice: InstrumentChoice): Instrument {
  if (file.instruments.length === 0) throw new DataError(`${path}: there are no notes in this file.`);
  try {
    return chooseInstrument(file, choice);
  } catch (thrown) {
    if (!(thrown instanceof InstrumentNotFoundError)) throw thrown;
    throw new DataError(`${path}: ${thrown.message}`, { cause: thrown });
  }
}
