import { UsageError } from '../../errors.ts';

export const MIN_SAMPLE_RATE = 8_000;
export const MAX_SAMPLE_RATE = 96_000;

/**
 * The longest rendering, in frames (one sample in each channel): 1 GiB of float32 a channel, 4.6 hours at 16 kHz. A MIDI
 * file of a few bytes can ask for days; that ends in a sentence, not in an exhausted heap.
 */
export const MAX_FRAMES = 2 ** 28;

/** Throws UsageError unless `rate` is a whole number of Hz from 8,000 to 96,000; returns it. */
export function checkSampleRate(rate: number): number {
  if (!Number.isInteger(rate) || rate < MIN_SAMPLE_RATE || rate > MAX_SAMPLE_RATE) {
    throw new UsageError(
      `audio: expected a sample rate from ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE} Hz, got ${rate}; 16000 and 44100 are usual.`,
    );
  }
  return rate;
}

/**
 * How many frames to render: all of `length` seconds, or the first `limit` of them where that is less.
 *
 * @throws UsageError where `limit` is not positive, or the result is above `MAX_FRAMES`.
 */
export function countFrames(length: number, limit: number | undefined, sampleRate: number): number {
  if (limit !== undefined && !(limit > 0)) {
    throw new UsageError(`audio: expected a positive number of seconds, got ${limit}.`);
  }
  const seconds = Math.min(length, limit ?? Infinity);
  const frames = Math.max(0, Math.ceil(seconds * sampleRate - 1e-6));
  if (!(frames <= MAX_FRAMES)) {
    throw new UsageError(
      `audio: ${Math.round(seconds)} seconds at ${sampleRate} Hz are more than the ${Math.floor(MAX_FRAMES / sampleRate)} seconds ` +
        `that fit in one rendering; ask for less with "seconds".`,
    );
  }
  return frames;
}

/**
 * Scales `channels` in place, all by one factor, so that the largest magnitude is 1, as pretty_midi does. Silence stays
 * silence. Returns `channels`.
 */
export function normalisePeak(channels: Float32Array[]): Float32Array[] {
  let peak = 0;
  for (const channel of channels) {
    for (const sample of channel) {
      const magnitude = Math.abs(sample);
      if (magnitude > peak) peak = magnitude;
    }
  }
  if (peak === 0) return channels;
  for (const channel of channels) {
    for (let i = 0; i < channel.length; i++) channel[i] /= peak;
  }
  return channels;
}
