// The one file that imports midi-parser-js, which is GPL-3.0: see the licence section of the README.
import MidiParser, { type ParsedMidi, type Settings } from 'midi-parser-js';
import type { GuardedMidi } from './guard.ts';
import { MidiError } from './midi-error.ts';

export type { ParsedEvent, ParsedMidi } from 'midi-parser-js';

/**
 * Parses what the guard wrote with midi-parser-js, and checks that every event came back.
 *
 * The parser keeps its settings (`debug`, `customInterpreter`) on one object that all its users share; called with
 * settings of our own, it neither runs another's interpreter nor writes to the console.
 *
 * @throws MidiError `parser-mismatch`: a defect of Etude
 */
export function parse({ bytes, eventsPerTrack }: GuardedMidi): ParsedMidi {
  const settings: Settings = { debug: false, customInterpreter: null };
  const parsed = MidiParser.Uint8.call(settings, bytes);
  if (parsed === false) throw mismatch('an error');
  if (parsed.track.length !== eventsPerTrack.length) {
    throw mismatch(`${parsed.track.length} tracks, not ${eventsPerTrack.length}`);
  }
  for (const [index, { event }] of parsed.track.entries()) {
    if (event.length !== eventsPerTrack[index]) {
      throw mismatch(`${event.length} events in track ${index + 1}, not ${eventsPerTrack[index]}`);
    }
  }
  return parsed;
}

function mismatch(found: string): MidiError {
  return new MidiError(
    'parser-mismatch',
    `midi-parser-js gave back ${found}. This is a defect of Etude: please report it with the file.`,
  );
}
