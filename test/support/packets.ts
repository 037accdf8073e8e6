import type { Packet } from '../../src/midi/read/canonical.ts';

/** The bytes of each track's events, those of its packets put together, without End-of-Track. */
export function writtenTracks({ packets, bytes }: { packets: readonly Packet[]; bytes: Uint8Array }): number[][] {
  const tracks: number[][] = [];
  for (const { track, from, to } of packets) {
    while (tracks.length <= track) tracks.push([]);
    for (const byte of bytes.subarray(from + 22, to - 4)) tracks[track].push(byte);
  }
  return tracks;
}
