import type { Pedal } from '../types.ts';

/** The controller of the sustain pedal, and the value from which on it is down. */
export const SUSTAIN = 64;
export const DOWN = 64;

const CHANNELS = 16;

/** The pedal of one channel in one track: ticks, in turn when it goes down and when it comes up. */
interface TrackPedal {
  channel: number;
  ticks: number[];
}

/**
 * The sustain pedals of a file, as the guard meets them. Pianists' pedals send a value every few milliseconds, and most say
 * nothing new: kept is only when a pedal goes down and comes up.
 */
export class PedalLog {
  readonly #tracks: TrackPedal[][] = [];
  /** By channel; of the track that is walked, and a bit for each that is down. */
  #current: (TrackPedal | undefined)[] = [];
  #down = 0;
  /** The last tick of a note or pedal, in each track. */
  readonly #last: number[] = [];

  /** Opens a track. */
  beginTrack(): void {
    this.#tracks.push([]);
    this.#current = new Array<TrackPedal | undefined>(CHANNELS).fill(undefined);
    this.#down = 0;
  }

  /** The pedal of a channel is sent a value in the track. */
  pedal(channel: number, tick: number, value: number): void {
    if ((this.#down >> channel) % 2 !== (value >= DOWN ? 1 : 0)) this.#move(channel, tick);
  }

  /** Closes the track, whose last note or pedal stands at `tick`. */
  endTrack(tick: number): void {
    this.#last.push(tick);
  }

  #move(channel: number, tick: number): void {
    this.#down ^= 1 << channel;
    let own = this.#current[channel];
    if (own === undefined) {
      own = { channel, ticks: [] };
      this.#current[channel] = own;
      this.#tracks[this.#tracks.length - 1].push(own);
    }
    // Down for no time is not down.
    if (own.ticks.length % 2 === 1 && own.ticks[own.ticks.length - 1] === tick) own.ticks.pop();
    else own.ticks.push(tick);
  }

  /**
   * The pedals of a file in seconds: for the notes of each track those of its own, or where tracks belong together those of
   * all tracks on its channel. A pedal that never comes up is taken up by the last event, of the track or of all.
   */
  reader(isOne: boolean, secondsOf: (ticks: readonly number[]) => Pedal): (track: number, channel: number) => Pedal {
    const last = this.#last.reduce((latest, tick) => Math.max(latest, tick), 0);
    const channels = isOne ? [this.#tracks.flat()] : this.#tracks;
    const known = new Map<number, Pedal>();
    return (track, channel) => {
      const group = isOne ? 0 : track;
      const key = group * CHANNELS + channel;
      let pedal = known.get(key);
      if (pedal === undefined) {
        const end = isOne ? last : this.#last[track];
        const own = channels[group].filter((each) => each.channel === channel);
        pedal = secondsOf(union(own.map(({ ticks }) => upAt(ticks, end))));
        known.set(key, pedal);
      }
      return pedal;
    };
  }
}

/** Taken up at last, if it was ever down before. */
function upAt(ticks: readonly number[], end: number): readonly number[] {
  if (ticks.length % 2 === 0) return ticks;
  return ticks[ticks.length - 1] < end ? [...ticks, end] : ticks.slice(0, -1);
}

/** When any of several pedals is down: sorts all downs and all ups, and counts. */
function union(pedals: readonly (readonly number[])[]): readonly number[] {
  if (pedals.length === 1) return pedals[0];
  const [downs, ups] = [0, 1].map((side) =>
    Float64Array.from(pedals.flatMap((ticks) => ticks.filter((_, k) => k % 2 === side))).sort(),
  );
  const joined: number[] = [];
  for (let i = 0, j = 0; j < ups.length;) {
    if (downs[i] < ups[j]) {
      if (i++ === j) joined.push(downs[i - 1]);
    } else if (++j === i) joined.push(ups[j - 1]);
  }
  return joined;
}
