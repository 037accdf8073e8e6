import type { Packet } from './canonical.ts';
import type { GuardedMidi } from './guarded-midi.ts';
import { parsePacket, type ParsedEvent } from './parse.ts';

/**
 * Whose reading: a player's, or to the bit that of pretty_midi, which the tutorial uses. They differ where tracks concern
 * each other; docs/midi.md has the list.
 */
export type Compat = 'pretty_midi' | undefined;

/** Whether the tracks of a file are parts of one piece, and concern each other; those of format 2 are pieces of their own. */
export function tracksBelongTogether(format: number, compat: Compat): boolean {
  return compat === undefined && format !== 2;
}

/** The events of a packet. */
export function eventsOf({ bytes }: GuardedMidi, { from, to, events }: Packet): ParsedEvent[] {
  return parsePacket(bytes.subarray(from, to), events);
}
