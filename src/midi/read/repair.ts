import type { MidiFile } from '../types.ts';
import type { Packet } from './canonical.ts';
import type { GuardedMidi } from './guard.ts';
import { HeldNotes } from './held-notes.ts';
import { TrackReader, type FileContext } from './notes.ts';
import { parsePacket, type ParsedEvent } from './parse.ts';
import { counted, type ProblemList } from './problems.ts';
import { smpteMap, tempoList, tempoMap, type TempoMap } from './tempo.ts';

/**
 * Makes notes of what the guard wrote, by the rules of pretty_midi: has it parsed packet by packet, decodes the SMPTE
 * division, leaves out tempos of 0, and pairs note-ons with note-offs.
 *
 * @param nameOf the text of a track name, by its number
 */
export function repair(guarded: GuardedMidi, nameOf: (number: number) => string, problems: ProblemList): MidiFile {
  const { map, resolution } = timeOf(guarded, problems);
  const file: MidiFile = {
    format: guarded.format,
    resolution,
    tempo: tempoList(map, resolution),
    instruments: [],
    problems: [],
    endTime: 0,
  };
  const context: FileContext = { map, nameOf, held: new HeldNotes() };
  for (const packets of byTrack(guarded.packets)) addTrack(file, packets, guarded, context, problems);
  if (file.instruments.length === 0) problems.add('no-notes', 'The file has no notes.');
  file.problems = problems.toArray();
  return file;
}

function addTrack(
  file: MidiFile,
  packets: Packet[],
  guarded: GuardedMidi,
  context: FileContext,
  problems: ProblemList,
): void {
  const reader = new TrackReader(context);
  for (const packet of packets) reader.read(eventsOf(guarded, packet), packet.tick);
  const { instruments, unclosed, zeroLength } = reader.finish();
  for (const instrument of instruments) {
    file.instruments.push(instrument);
    for (const { end } of instrument.notes) if (end > file.endTime) file.endTime = end;
  }
  const track = `Track ${packets[0].track + 1}`;
  if (unclosed > 0) problems.add('unclosed-notes', `${track}: ${counted(unclosed, 'note')} without an end; dropped.`);
  if (zeroLength > 0)
    problems.add('zero-length-notes', `${track}: ${counted(zeroLength, 'note')} of no length; dropped.`);
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

function eventsOf({ bytes }: GuardedMidi, { from, to, events }: Packet): ParsedEvent[] {
  return parsePacket(bytes.subarray(from, to), events);
}

/** Seconds at ticks, from the division and the tempo events of the first track. */
function timeOf(guarded: GuardedMidi, problems: ProblemList): { map: TempoMap; resolution: number } {
  const { division } = guarded;
  if (division >= 0x8000) return smpteMap(256 - (division >> 8), division & 0xff);
  const events = tempoEvents(guarded);
  const changes = events.filter(([, tempo]) => tempo > 0);
  const zeros = events.length - changes.length;
  if (zeros > 0)
    problems.add('bad-tempo', `Track 1: ${counted(zeros, 'tempo event')} of 0; left out, so that times may be wrong.`);
  return { map: tempoMap(division, changes), resolution: division };
}

function tempoEvents(guarded: GuardedMidi): [tick: number, tempo: number][] {
  const changes: [number, number][] = [];
  for (const packet of guarded.packets) {
    if (packet.track !== 0 || !packet.tempos) continue;
    let { tick } = packet;
    for (const event of eventsOf(guarded, packet)) {
      tick += event.deltaTime;
      if (event.type === 255 && event.metaType === 0x51) changes.push([tick, event.data as number]);
    }
  }
  return changes;
}
