import { modelTimes, type ModelEvent, type ModelInstrument } from './pretty-midi-model.ts';

/**
 * What a player plays of tracks that belong together, written for plainness: the rules of pretty_midi, with the tempos of all
 * tracks, the programs of other tracks where the own sets none, and the ends of other tracks where the own has none.
 */
export function playerInstruments(resolution: number, tracks: ModelEvent[][]): ModelInstrument[] {
  const everything = tracks.flatMap((events, track) => events.map((event) => ({ ...event, track })));
  const lastTick = Math.max(0, ...everything.map(({ tick }) => tick));
  const inTime = [...everything].sort((a, b) => a.tick - b.tick || a.track - b.track);
  const times = modelTimes(resolution, inTime, lastTick);
  return tracks.flatMap((events, track) => playerTrack(events, track, inTime, times));
}

type Placed = ModelEvent & { track: number };
type On = Extract<ModelEvent, { kind: 'on' }> & { program: number };
interface Made extends ModelInstrument {
  channel: number;
  ends: number[];
}

function playerTrack(events: ModelEvent[], track: number, all: Placed[], times: Float64Array): ModelInstrument[] {
  const made: Made[] = [];
  const own = new Map<number, number>();
  let open: On[] = [];
  let name = '';
  const close = (note: On, tick: number, program: number) => {
    const { channel } = note;
    let instrument = made.find((one) => one.channel === channel && one.program === program);
    if (!instrument) {
      instrument = { channel, program, isDrum: channel === 9, name, notes: [], ends: [] };
      made.push(instrument);
    }
    // After all that end no later.
    const at = instrument.ends.findLastIndex((end) => end <= tick) + 1;
    instrument.ends.splice(at, 0, tick);
    instrument.notes.splice(at, 0, [note.pitch, note.velocity, times[note.tick], times[tick]]);
  };
  for (const event of events) {
    if (event.kind === 'name') name = event.name;
    else if (event.kind === 'program') own.set(event.channel, event.program);
    else if (event.kind === 'on') {
      open.push({ ...event, program: own.get(event.channel) ?? programElsewhere(event, track, all) });
    } else if (event.kind === 'off') {
      const same = open.filter((note) => note.channel === event.channel && note.pitch === event.pitch);
      const closing = same.filter((note) => note.tick !== event.tick);
      for (const note of closing) close(note, event.tick, own.get(event.channel) ?? note.program);
      open = open.filter((note) => !same.includes(note) || (closing.length > 0 && note.tick === event.tick));
    }
  }
  const closedByTrack = made.length;
  open.sort((a, b) => a.channel - b.channel || a.pitch - b.pitch);
  for (const note of open) {
    const end = all.find((event) => event.tick > note.tick && ends(event, note));
    if (end) close(note, end.tick, note.program);
  }
  const later = made.splice(closedByTrack).sort((a, b) => a.ends[0] - b.ends[0]);
  return [...made, ...later].map(({ program, isDrum, name, notes }) => ({ program, isDrum, name, notes }));
}

function programElsewhere({ channel, tick }: { channel: number; tick: number }, track: number, all: Placed[]): number {
  const before = all.filter((event) => event.tick < tick || (event.tick === tick && event.track < track));
  const last = before.findLast((event) => event.kind === 'program' && event.channel === channel);
  return last?.kind === 'program' ? last.program : 0;
}

function ends(event: ModelEvent, { channel, pitch }: On): boolean {
  if (event.kind === 'silence') return event.channel === channel;
  return event.kind === 'off' && event.channel === channel && event.pitch === pitch;
}
