import type { Packet } from './canonical.ts';
import type { GuardedMidi } from './guarded-midi.ts';
import { eventsOf } from './reading.ts';

const NOTE_OFF = 8;
const NOTE_ON = 9;
const CONTROLLER = 11;

/** The controllers that silence a channel: all sound off, all notes off. */
export const ALL_SOUND_OFF = 120;
export const ALL_NOTES_OFF = 123;

/** How a note ends that its own track does not end. */
export interface End {
  tick: number;
  by: 'note-off' | 'all-notes-off';
}

/** Where keys are let go and channels silenced, in all tracks of a file. */
export class EndsElsewhere {
  readonly #guarded: GuardedMidi;
  /** Ticks in order, by key (channel * 128 + pitch). Gathered when the first note asks: few files have any. */
  #noteOffs: Map<number, number[]> | undefined;
  /** Ticks in order, by channel. */
  readonly #silences = new Map<number, number[]>();

  constructor(guarded: GuardedMidi) {
    this.#guarded = guarded;
  }

  /** What ends a note of this key that began at `tick`, where its own track does not; undefined if nothing does. */
  after(key: number, tick: number): End | undefined {
    this.#noteOffs ??= this.#gather();
    const off = firstAfter(this.#noteOffs.get(key), tick);
    const silence = firstAfter(this.#silences.get(key >> 7), tick);
    if (off !== undefined && !(silence !== undefined && silence < off)) return { tick: off, by: 'note-off' };
    return silence === undefined ? undefined : { tick: silence, by: 'all-notes-off' };
  }

  #gather(): Map<number, number[]> {
    const noteOffs = new Map<number, number[]>();
    const { packets } = this.#guarded;
    if (!canEnd(packets)) return noteOffs;
    for (const packet of packets) {
      if (packet.notes === 0 && !packet.silences) continue;
      let { tick } = packet;
      for (const { deltaTime, type, channel, data } of eventsOf(this.#guarded, packet)) {
        tick += deltaTime;
        if (type === CONTROLLER) put(this.#silences, channel!, tick);
        else if (type === NOTE_OFF || (type === NOTE_ON && (data as number[])[1] === 0)) {
          put(noteOffs, channel! * 128 + (data as number[])[0], tick);
        }
      }
    }
    for (const ticks of [...noteOffs.values(), ...this.#silences.values()]) ticks.sort((a, b) => a - b);
    return noteOffs;
  }
}

/** Without a second track, and without a controller that silences, nothing ends a note from elsewhere. */
function canEnd(packets: readonly Packet[]): boolean {
  return packets.some(({ track, silences }) => silences || track !== packets[0].track);
}

function put(lists: Map<number, number[]>, key: number, tick: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [tick]);
  else list.push(tick);
}

/** The first of the sorted ticks that lies after `tick`. */
function firstAfter(ticks: readonly number[] | undefined, tick: number): number | undefined {
  if (ticks === undefined) return undefined;
  let low = 0;
  for (let high = ticks.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (ticks[middle] > tick) high = middle;
    else low = middle + 1;
  }
  return ticks[low];
}
