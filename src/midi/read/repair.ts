import type { MidiFile, Pedal } from '../types.ts';
import type { Packet } from './canonical.ts';
import { EndsElsewhere } from './ends-elsewhere.ts';
import type { GuardedMidi } from './guarded-midi.ts';
import { HeldNotes } from './held-notes.ts';
import { TrackReader, type FileContext, type TrackNotes } from './notes.ts';
import { meterList } from './meter.ts';
import { type ProblemList } from './problems.ts';
import { ProgramsElsewhere } from './programs-elsewhere.ts';
import { eventsOf, tracksBelongTogether, type Compat } from './reading.ts';
import { TempoChanges } from './tempo-changes.ts';
import { isSameMap, pieceAt, secondsAt, smpteMap, tempoList, tempoMap, type TempoMap } from './tempo.ts';
import { counted } from '../../text/words.ts';

/** How a file is read. */
export interface Reading {
  compat: Compat;
  /** The text of a track name, by its number. */
  nameOf: (number: number) => string;
  /** Of music. */
  maxHours: number;
}

/**
 * Makes notes of what the guard wrote: has it parsed packet by packet, decodes the SMPTE division, leaves out tempos of 0,
 * and pairs note-ons with note-offs by the rules of pretty_midi. Unless these were asked for alone, what pretty_midi drops
 * or mistimes is read as players play it, and noted.
 * @throws MidiError `too-long`
 */
export function repair(guarded: GuardedMidi, { compat, nameOf, maxHours }: Reading, problems: ProblemList): MidiFile {
  const isOne = tracksBelongTogether(guarded.format, compat);
  const { map, resolution } = timeOf(guarded, isOne, problems);
  const file: MidiFile = {
    format: guarded.format,
    resolution,
    tempo: tempoList(map, resolution),
    meter: meterList(guarded, isOne, map),
    instruments: [],
    problems: [],
    endTime: 0,
  };
  const pedalOf = guarded.pedals.reader(isOne, (ticks) => pedalSeconds(map, ticks, maxHours));
  const context: FileContext = { map, nameOf, held: new HeldNotes(), maxHours, pedalOf };
  if (isOne) {
    context.programs = new ProgramsElsewhere(guarded);
    context.ends = new EndsElsewhere(guarded);
  }
  for (const packets of byTrack(guarded.packets)) {
    const reader = new TrackReader(packets[0].track, context);
    for (const packet of packets) reader.read(eventsOf(guarded, packet), packet.tick);
    addTrack(file, packets[0].track, reader.finish(), problems);
  }
  if (file.instruments.length > 0 && file.instruments.every(({ isDrum }) => isDrum)) {
    problems.add('only-drums', 'The file has drums only; their keys are sounds, not pitches.');
  }
  if (file.instruments.length === 0) problems.add('no-notes', 'The file has no notes.');
  file.problems = problems.toArray();
  return file;
}

function addTrack(file: MidiFile, track: number, found: TrackNotes, problems: ProblemList): void {
  for (const instrument of found.instruments) {
    file.instruments.push(instrument);
    for (const { end } of instrument.notes) if (end > file.endTime) file.endTime = end;
  }
  const report = (code: Parameters<ProblemList['add']>[0], count: number, rest: string) => {
    if (count > 0) problems.add(code, `Track ${track + 1}: ${counted(count, 'note')} ${rest}`);
  };
  report(
    'program-from-other-track',
    found.foreignProgram,
    'with a program that another track sets, as players have it.',
  );
  report('ended-in-other-track', found.endedInOtherTrack, 'ended by a note-off in another track, as players do.');
  report('ended-by-all-notes-off', found.endedBySilence, 'ended by "all notes off", as players do.');
  report('unclosed-notes', found.unclosed, 'without an end; dropped.');
  report('zero-length-notes', found.zeroLength, 'of no length; dropped.');
}

/** The times of a pedal in seconds, up to the longest that music may last. */
function pedalSeconds(map: TempoMap, ticks: readonly number[], maxHours: number): Pedal {
  const end = maxHours * 3600;
  let piece = 0;
  const seconds = new Float64Array(ticks.length);
  for (let k = 0; k < ticks.length; k++) {
    piece = pieceAt(map, ticks[k], piece);
    seconds[k] = Math.min(end, secondsAt(map, piece, ticks[k]));
    if (k % 2 === 0 && seconds[k] === end) return seconds.slice(0, k);
  }
  return seconds;
}

/** The packets of one track after another. */
function* byTrack(packets: readonly Packet[]): Generator<Packet[]> {
  for (let from = 0; from < packets.length;) {
    let to = from + 1;
    while (to < packets.length && packets[to].track === packets[from].track) to++;
    yield packets.slice(from, to);
    from = to;
  }
}

/** Seconds at ticks, from the division and the tempo events. */
function timeOf(guarded: GuardedMidi, isOne: boolean, problems: ProblemList): { map: TempoMap; resolution: number } {
  const { division } = guarded;
  if (division >= 0x8000) return smpteMap(256 - (division >> 8), division & 0xff);
  const changes = new TempoChanges(guarded, isOne, problems);
  const map = tempoMap(division, changes.all());
  if (changes.elsewhere > 0 && !isSameMap(map, tempoMap(division, changes.ofFirstTrack()))) {
    problems.add(
      'tempo-in-other-track',
      `Outside the first track, ${counted(changes.elsewhere, 'tempo event counts', 'tempo events count')}, as players have it.`,
    );
  }
  return { map, resolution: division };
}
