// The one file that imports midi-parser-js, which is GPL-3.0: see the licence section of the README.
import MidiParser, { type Settings } from 'midi-parser-js';
import { MidiError } from './midi-error.ts';

/**
 * One event; which fields it has depends on `type`: 8 to 14 for channel messages, 255 for meta events. Declared here and not with
 * the parser: our declarations are read where nobody has declared that.
 */
export interface ParsedEvent {
  deltaTime: number;
  type: number;
  channel?: number;
  metaType?: number;
  data?: number | string | number[];
}

/**
 * Parses a packet that the guard wrote with midi-parser-js, and checks that every event came back.
 *
 * The parser keeps its settings (`debug`, `customInterpreter`) on one object that all its users share; called with
 * settings of our own, it neither runs another's interpreter nor writes to the console.
 *
 * @param bytes a MIDI file of one track
 * @param events how many it has, End-of-Track included
 * @throws MidiError `parser-mismatch`: a defect of Etude
 */
export function parsePacket(bytes: Uint8Array, events: number): ParsedEvent[] {
  const settings: Settings = { debug: false, customInterpreter: null };
  const parsed = MidiParser.Uint8.call(settings, bytes);
  if (parsed === false) throw mismatch('an error');
  if (parsed.track.length !== 1) throw mismatch(`${parsed.track.length} tracks, not 1`);
  const { event } = parsed.track[0];
  if (event.length !== events) throw mismatch(`${event.length} events, not ${events}`);
  return event as ParsedEvent[];
}

function mismatch(found: string): MidiError {
  return new MidiError(
    'parser-mismatch',
    `midi-parser-js gave back ${found}. This is a defect of Etude: please report it with the file.`,
  );
}
