import type { Packet } from './canonical.ts';
import type { GuardedMidi } from './guarded-midi.ts';
import { eventsOf } from './reading.ts';
import { inOrder } from './tempo-changes.ts';

const PROGRAM_CHANGE = 12;

/** The program changes of a channel, in order of time, and at one tick in order of their tracks. */
interface Changes {
  ticks: number[];
  /** Track * 128 + program. */
  values: number[];
}

/** What the tracks of a file say about the programs of channels that others play on. */
export class ProgramsElsewhere {
  readonly #channels = new Map<number, Changes>();

  constructor(guarded: GuardedMidi) {
    const shared = sharedChannels(guarded.packets);
    if (shared === 0) return;
    for (const packet of guarded.packets) {
      if ((packet.programs & shared) === 0) continue;
      let { tick } = packet;
      for (const { deltaTime, type, channel, data } of eventsOf(guarded, packet)) {
        tick += deltaTime;
        if (type === PROGRAM_CHANGE && (shared >> channel!) & 1) {
          this.#add(channel!, tick, packet.track * 128 + (data as number));
        }
      }
    }
    for (const [channel, changes] of this.#channels) this.#channels.set(channel, sorted(changes));
  }

  /**
   * The program that a channel has for a note of a track which has set none: the last one set at an earlier tick, or at the
   * same tick by an earlier track.
   * @default 0
   */
  at(channel: number, tick: number, track: number): number {
    const changes = this.#channels.get(channel);
    if (changes === undefined) return 0;
    const { ticks, values } = changes;
    let low = 0;
    for (let high = ticks.length; low < high;) {
      const middle = (low + high) >>> 1;
      const before = ticks[middle] < tick || (ticks[middle] === tick && values[middle] >> 7 < track);
      if (before) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : values[low - 1] & 127;
  }

  /** Of several changes of a track at one tick only the last can be heard. */
  #add(channel: number, tick: number, value: number): void {
    let changes = this.#channels.get(channel);
    if (changes === undefined) this.#channels.set(channel, (changes = { ticks: [], values: [] }));
    const { ticks, values } = changes;
    const last = ticks.length - 1;
    if (ticks[last] === tick && values[last] >> 7 === value >> 7) values[last] = value;
    else {
      ticks.push(tick);
      values.push(value);
    }
  }
}

/** A bit for each channel that has notes in one track and programs in another. */
function sharedChannels(packets: readonly Packet[]): number {
  const several = { notes: 0, programs: 0 };
  const first = { notes: new Map<number, number>(), programs: new Map<number, number>() };
  for (const packet of packets) {
    for (const kind of ['notes', 'programs'] as const) {
      for (let bits = packet[kind]; bits !== 0; bits &= bits - 1) {
        const channel = 31 - Math.clz32(bits & -bits);
        const track = first[kind].get(channel);
        if (track === undefined) first[kind].set(channel, packet.track);
        else if (track !== packet.track) several[kind] |= 1 << channel;
      }
    }
  }
  let shared = 0;
  for (const [channel, track] of first.notes) {
    const setBy = first.programs.get(channel);
    if (setBy === undefined) continue;
    if (setBy !== track || ((several.notes | several.programs) >> channel) & 1) shared |= 1 << channel;
  }
  return shared;
}

function sorted(changes: Changes): Changes {
  const isSorted = changes.ticks.every((tick, i) => i === 0 || changes.ticks[i - 1] <= tick);
  if (isSorted) return changes;
  const order = inOrder(changes.ticks);
  return { ticks: order.map((i) => changes.ticks[i]), values: order.map((i) => changes.values[i]) };
}
