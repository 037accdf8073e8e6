/**
 * The reading rules of pretty_midi once more, written for plainness and without a byte in sight: the judge of the
 * property tests. Times come from a table of every tick, as pretty_midi itself makes them.
 */
export type ModelEvent = { tick: number } & (
  | { kind: 'on'; channel: number; pitch: number; velocity: number }
  | { kind: 'off'; channel: number; pitch: number }
  | { kind: 'program'; channel: number; program: number }
  | { kind: 'silence'; channel: number; controller: number }
  | { kind: 'name'; name: string }
  | { kind: 'tempo'; tempo: number }
);

/** A note as pitch, velocity, start, end. */
export type ModelNote = [number, number, number, number];

export interface ModelInstrument {
  program: number;
  isDrum: boolean;
  name: string;
  notes: ModelNote[];
}

/** Seconds at every tick from 0 to `lastTick`. */
export function modelTimes(resolution: number, track0: ModelEvent[], lastTick: number): Float64Array {
  let scales: [number, number][] = [[0, 60 / (120 * resolution)]];
  for (const event of track0) {
    if (event.kind !== 'tempo') continue;
    const scale = 60 / ((6e7 / event.tempo) * resolution);
    if (event.tick === 0) scales = [[0, scale]];
    else if (scale !== scales.at(-1)![1]) scales.push([event.tick, scale]);
  }
  const times = new Float64Array(lastTick + 1);
  let end = 0;
  for (let i = 0; i < scales.length; i++) {
    const [from, scale] = scales[i];
    const to = scales[i + 1]?.[0] ?? lastTick;
    for (let tick = from; tick <= to; tick++) times[tick] = end + scale * (tick - from);
    end = times[to];
  }
  return times;
}

/** The instruments of a file whose tracks have these events, each in order of tick. */
export function modelInstruments(resolution: number, tracks: ModelEvent[][]): ModelInstrument[] {
  const lastTick = Math.max(0, ...tracks.flat().map(({ tick }) => tick));
  const times = modelTimes(resolution, tracks[0] ?? [], lastTick);
  return tracks.flatMap((events) => modelTrack(events, times));
}

function modelTrack(events: ModelEvent[], times: Float64Array): ModelInstrument[] {
  const made: (ModelInstrument & { channel: number })[] = [];
  const programs = new Array<number>(16).fill(0);
  let open: { channel: number; pitch: number; tick: number; velocity: number }[] = [];
  let name = '';
  for (const event of events) {
    if (event.kind === 'name') name = event.name;
    else if (event.kind === 'program') programs[event.channel] = event.program;
    else if (event.kind === 'on') open.push(event);
    else if (event.kind === 'off') {
      const { tick, channel, pitch } = event;
      const same = open.filter((note) => note.channel === channel && note.pitch === pitch);
      const closing = same.filter((note) => note.tick !== tick);
      for (const note of closing) {
        let instrument = made.find((one) => one.channel === channel && one.program === programs[channel]);
        if (!instrument) {
          instrument = { channel, program: programs[channel], isDrum: channel === 9, name, notes: [] };
          made.push(instrument);
        }
        instrument.notes.push([pitch, note.velocity, times[note.tick], times[tick]]);
      }
      const keepsSameTick = closing.length > 0;
      open = open.filter((note) => !same.includes(note) || (keepsSameTick && note.tick === tick));
    }
  }
  return made.map(({ program, isDrum, name, notes }) => ({ program, isDrum, name, notes }));
}
