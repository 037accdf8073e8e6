import type { Instrument } from '../../../midi/types.ts';

/** What the page asks of the worker that makes sound. */
export type SoundRequest =
  | { id: number; call: 'render'; instruments: Instrument[]; sampleRate: number; wav: boolean }
  /** Plays with these bytes of an SF2 or SF3 file from now on; undefined: the additive piano. */
  | { id: number; call: 'soundFont'; bytes: Uint8Array | undefined };

/** What comes back: two channels, or the bytes of a WAV file. */
export type SoundReply =
  { id: number; channels: Float32Array[]; sampleRate: number; wav?: Uint8Array } | { id: number; error: string };
