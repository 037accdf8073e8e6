import type { Packet } from './canonical.ts';
import type { PedalLog } from './pedal-log.ts';

/** A file in packets that midi-parser-js reads right. */
export interface GuardedMidi {
  format: 0 | 1 | 2;
  /** The two division bytes: ticks a quarter note, or SMPTE with the highest bit set. */
  division: number;
  /** In order of their tracks, and of time in each. */
  packets: readonly Packet[];
  /** Those of the packets. */
  bytes: Uint8Array;
  /** Where the track names lie in the source, two numbers a name: its first byte, and the one after its last. */
  names: readonly number[];
  pedals: PedalLog;
}
