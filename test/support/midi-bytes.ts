/** Small builders of MIDI bytes for tests: they write what they are told, wrong lengths and all. */

/** A variable-length number in as few bytes as it takes, or padded in front to `atLeast` bytes. */
export function varLen(value: number, atLeast = 1): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  while (bytes.length < atLeast) bytes.unshift(0x80);
  return bytes;
}

/** Latin-1 text as bytes. */
export function latin1(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

/** A big-endian number of 32 bits. */
export function be32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

export function noteOn(delta: number, pitch: number, velocity = 80, channel = 0): number[] {
  return [...varLen(delta), 0x90 | channel, pitch, velocity];
}

export function noteOff(delta: number, pitch: number, channel = 0): number[] {
  return [...varLen(delta), 0x80 | channel, pitch, 64];
}

export function program(delta: number, number: number, channel = 0): number[] {
  return [...varLen(delta), 0xc0 | channel, number];
}

export function meta(delta: number, type: number, data: number[] = []): number[] {
  return [...varLen(delta), 0xff, type, ...varLen(data.length), ...data];
}

export function trackName(delta: number, name: string): number[] {
  return meta(delta, 0x03, latin1(name));
}

/** A tempo in microseconds a quarter note. */
export function tempo(delta: number, microseconds: number): number[] {
  return meta(delta, 0x51, be32(microseconds).slice(1));
}

/** So many beats a bar, each the note value 1 / 2^power. */
export function meter(delta: number, beats: number, power: number): number[] {
  return meta(delta, 0x58, [beats, power, 24, 8]);
}

export function sysex(delta: number, data: number[]): number[] {
  return [...varLen(delta), 0xf0, ...varLen(data.length), ...data];
}

export function endOfTrack(delta = 0): number[] {
  return meta(delta, 0x2f);
}

/** A chunk with the true length of its body, or with `stated`. */
export function chunk(name: string, body: number[], stated = body.length): number[] {
  return [...latin1(name), ...be32(stated), ...body];
}

export function header(format: number, tracks: number, division: number): number[] {
  return chunk('MThd', [format >> 8, format & 0xff, tracks >> 8, tracks & 0xff, division >> 8, division & 0xff]);
}

/** A whole file: each track's events, End-of-Track added. Format 0 for one track, 1 for more. */
export function midiFile(tracks: number[][][], { division = 96, format = tracks.length > 1 ? 1 : 0 } = {}): Uint8Array {
  const chunks = tracks.map((events) => chunk('MTrk', [...events.flat(), ...endOfTrack()]));
  return Uint8Array.from([...header(format, tracks.length, division), ...chunks.flat()]);
}
