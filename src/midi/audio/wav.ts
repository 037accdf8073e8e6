import { DataError, UsageError } from '../../errors.ts';
import { checkSampleRate } from './sample-rate.ts';

const HEADER_BYTES = 44;
/** A RIFF length has 32 bits, and counts all but the first 8 bytes. */
const MAX_DATA_BYTES = 0xff_ff_ff_ff - (HEADER_BYTES - 8);

/**
 * A WAV file: RIFF, 16-bit PCM, one or two channels.
 *
 * A sample x becomes round(32,767 x), clipped to -32,768..32,767: 1 and -1 are the loudest, 0 is exactly 0, and the
 * scale is the same on both sides.
 *
 * @param samples One array (mono), or one array of equally many samples for each of one or two channels (left, right).
 * @param sampleRate Frames a second, 8,000 to 96,000.
 * @throws UsageError for a rate, a number of channels, lengths or a sample (NaN) that cannot be written.
 */
export function encodeWav(samples: Float32Array | Float32Array[], sampleRate: number): Uint8Array {
  checkSampleRate(sampleRate);
  const channels = samples instanceof Float32Array ? [samples] : samples;
  if (channels.length !== 1 && channels.length !== 2) {
    throw new UsageError(`encodeWav: expected one or two channels, got ${channels.length}.`);
  }
  const frames = channels[0].length;
  for (const channel of channels) {
    if (channel.length !== frames) {
      throw new UsageError(`encodeWav: the channels differ in length: ${channels.map((c) => c.length).join(' and ')}.`);
    }
  }
  const blockAlign = 2 * channels.length;
  const dataBytes = frames * blockAlign;
  if (dataBytes > MAX_DATA_BYTES) {
    throw new UsageError(`encodeWav: ${dataBytes} bytes of samples do not fit in a WAV file (4 GiB); render less.`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  writeHeader(new DataView(bytes.buffer), channels.length, sampleRate, dataBytes);
  channels.forEach((channel, c) => {
    writeChannel(new DataView(bytes.buffer, HEADER_BYTES), channel, 2 * c, blockAlign);
  });
  return bytes;
}

function writeHeader(view: DataView, channels: number, sampleRate: number, dataBytes: number): void {
  writeTag(view, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeTag(view, 8, 'WAVE');
  writeTag(view, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeTag(view, 36, 'data');
  view.setUint32(40, dataBytes, true);
}

function writeTag(view: DataView, at: number, tag: string): void {
  for (let i = 0; i < 4; i++) view.setUint8(at + i, tag.charCodeAt(i));
}

function writeChannel(view: DataView, channel: Float32Array, offset: number, stride: number): void {
  for (let i = 0; i < channel.length; i++) {
    const sample = channel[i];
    if (Number.isNaN(sample)) throw new UsageError(`encodeWav: sample ${i} is not a number.`);
    view.setInt16(offset + i * stride, Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))), true);
  }
}

/** What `decodeWav` finds. */
export interface DecodedWav {
  sampleRate: number;
  /** One array a channel, -1 to 1 (a stored -32,768 is a hair below -1). */
  channels: Float32Array[];
}

/**
 * Reads what `encodeWav` writes, also where other chunks stand between: 16-bit PCM only. A stored k becomes k / 32,767.
 *
 * @throws DataError where the bytes are something else, or are cut short.
 */
export function decodeWav(bytes: Uint8Array): DecodedWav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || readTag(view, 0) !== 'RIFF' || readTag(view, 8) !== 'WAVE') {
    throw new DataError('decodeWav: expected a RIFF WAVE file, found other bytes.');
  }
  let format: { channels: number; sampleRate: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const tag = readTag(view, at);
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (body + length > bytes.length) throw new DataError(`decodeWav: the chunk "${tag}" ends after the file does.`);
    if (tag === 'fmt ') format = readFormat(view, body, length);
    if (tag === 'data') {
      if (format === undefined) throw new DataError('decodeWav: the samples come before their format.');
      return { sampleRate: format.sampleRate, channels: readChannels(view, body, length, format.channels) };
    }
    at = body + length + (length % 2); // chunks are padded to an even length
  }
  throw new DataError('decodeWav: the file has no samples (no chunk "data").');
}

function readTag(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

function readFormat(view: DataView, at: number, length: number): { channels: number; sampleRate: number } {
  if (length < 16) throw new DataError(`decodeWav: the format takes 16 bytes, found ${length}.`);
  const coding = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const bits = view.getUint16(at + 14, true);
  if (coding !== 1 || bits !== 16 || channels < 1) {
    throw new DataError(`decodeWav: expected 16-bit PCM, found coding ${coding}, ${bits} bits, ${channels} channels.`);
  }
  return { channels, sampleRate: view.getUint32(at + 4, true) };
}

function readChannels(view: DataView, at: number, length: number, count: number): Float32Array[] {
  const frames = Math.floor(length / (2 * count));
  return Array.from({ length: count }, (_, c) => {
    const channel = new Float32Array(frames);
    for (let i = 0; i < frames; i++) channel[i] = view.getInt16(at + 2 * (i * count + c), true) / 32_767;
    return channel;
  });
}
