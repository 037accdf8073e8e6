import type { MidiFile } from '../types.ts';

/** Seconds at ticks: straight pieces, each from its own tick on. All three arrays are of one length. */
export interface TempoMap {
  /** Not decreasing; the first is 0. */
  ticks: number[];
  /** Seconds a tick. */
  scales: number[];
  /** Seconds at `ticks`. */
  seconds: number[];
}

/**
 * The tempo map of pretty_midi, operation by operation, so that the seconds are equal in every bit: 120 bpm at first; a
 * tempo at tick 0 replaces what was there, a later one appends unless nothing changes by it.
 *
 * @param resolution ticks a quarter note
 * @param changes [tick, microseconds a quarter note > 0], the ticks not decreasing
 */
export function tempoMap(resolution: number, changes: Iterable<[tick: number, tempo: number]>): TempoMap {
  const map: TempoMap = { ticks: [0], scales: [60 / (120 * resolution)], seconds: [0] };
  for (const [tick, tempo] of changes) {
    const scale = 60 / ((6e7 / tempo) * resolution);
    const last = map.ticks.length - 1;
    if (tick === 0) map.scales[0] = scale;
    else if (scale !== map.scales[last]) {
      map.ticks.push(tick);
      map.scales.push(scale);
      map.seconds.push(secondsAt(map, last, tick));
    }
  }
  return map;
}

/** Whether two maps give the same seconds. */
export function isSameMap(a: TempoMap, b: TempoMap): boolean {
  return (
    a.ticks.length === b.ticks.length && a.ticks.every((tick, i) => tick === b.ticks[i] && a.scales[i] === b.scales[i])
  );
}

/** Seconds at `tick`, which lies in the piece `piece` of the map, or at its end. */
export function secondsAt(map: TempoMap, piece: number, tick: number): number {
  return map.seconds[piece] + map.scales[piece] * (tick - map.ticks[piece]);
}

/**
 * The piece of the map in which `tick` lies, which is `from` or a later one. By bisection: a step at a time would let a
 * file of many tempos and many tracks take minutes.
 */
export function pieceAt({ ticks }: TempoMap, tick: number, from: number): number {
  if (!(ticks[from + 1] <= tick)) return from;
  let low = from + 1;
  let high = ticks.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (ticks[middle] <= tick) low = middle;
    else high = middle;
  }
  return low;
}

/** The map as pairs of seconds and beats a minute, as pretty_midi's `get_tempo_changes` computes them. */
export function tempoList(map: TempoMap, resolution: number): MidiFile['tempo'] {
  return map.seconds.map((seconds, i) => [seconds, 60 / (map.scales[i] * resolution)]);
}

/**
 * The map of a file whose division is in SMPTE frames: one straight piece, whatever its tempo events say.
 * (pretty_midi takes the two division bytes for a negative number and gives nonsense.)
 * @param rate frames a second as the file has them: 24, 25, 29 (which means 29.97, drop-frame) or 30
 */
export function smpteMap(rate: number, ticksPerFrame: number): { map: TempoMap; resolution: number } {
  const ticksPerSecond = (rate === 29 ? 29.97 : rate) * ticksPerFrame;
  return { map: { ticks: [0], scales: [1 / ticksPerSecond], seconds: [0] }, resolution: ticksPerSecond / 2 };
}
