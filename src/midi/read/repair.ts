import type { MidiFile } from '../types.ts';
import { readTrackNotes } from './notes.ts';
import type { ParsedEvent, ParsedMidi } from './parse.ts';
import { counted, type ProblemList } from './problems.ts';
import { smpteMap, tempoList, tempoMap, type TempoMap } from './tempo.ts';

/**
 * Makes notes of what midi-parser-js gave, by the rules of pretty_midi: decodes the SMPTE division, leaves out tempos
 * of 0, and pairs note-ons with note-offs.
 */
export function repair(parsed: ParsedMidi, problems: ProblemList): MidiFile {
  const { map, resolution } = timeOf(parsed, problems);
  const file: MidiFile = {
    format: parsed.formatType as MidiFile['format'],
    resolution,
    tempo: tempoList(map, resolution),
    instruments: [],
    problems: [],
    endTime: 0,
  };
  for (const [index, { event }] of parsed.track.entries()) {
    const { instruments, unclosed, zeroLength } = readTrackNotes(event, map);
    for (const instrument of instruments) {
      file.instruments.push(instrument);
      for (const { end } of instrument.notes) if (end > file.endTime) file.endTime = end;
    }
    const track = `Track ${index + 1}`;
    if (unclosed > 0) problems.add('unclosed-notes', `${track}: ${counted(unclosed, 'note')} without an end; dropped.`);
    if (zeroLength > 0)
      problems.add('zero-length-notes', `${track}: ${counted(zeroLength, 'note')} of no length; dropped.`);
  }
  if (file.instruments.length === 0) problems.add('no-notes', 'The file has no notes.');
  file.problems = problems.toArray();
  return file;
}

/** Seconds at ticks, from the division and the tempo events of the first track. */
function timeOf(parsed: ParsedMidi, problems: ProblemList): { map: TempoMap; resolution: number } {
  const { timeDivision } = parsed;
  if (Array.isArray(timeDivision)) {
    // The parser gives the first byte less 128; the byte itself is 256 less the frame rate.
    return smpteMap(128 - timeDivision[0], timeDivision[1]);
  }
  const events = tempoEvents(parsed.track[0].event);
  const changes = events.filter(([, tempo]) => tempo > 0);
  const zeros = events.length - changes.length;
  if (zeros > 0)
    problems.add('bad-tempo', `Track 1: ${counted(zeros, 'tempo event')} of 0; left out, so that times may be wrong.`);
  return { map: tempoMap(timeDivision, changes), resolution: timeDivision };
}

function tempoEvents(events: ParsedEvent[]): [tick: number, tempo: number][] {
  const changes: [number, number][] = [];
  let tick = 0;
  for (const event of events) {
    tick += event.deltaTime;
    if (event.type === 255 && event.metaType === 0x51) changes.push([tick, event.data as number]);
  }
  return changes;
}
