import type { Sound } from '../../kit/browser/player.ts';

/** Channels of samples as something that plays. */
export function samples(channels: readonly Float32Array[], sampleRate: number): Sound {
  let buffer: AudioBuffer | undefined;
  return {
    length: channels[0].length / sampleRate,
    start(context, output, from, when) {
      buffer ??= bufferOf(context, channels, sampleRate);
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(output);
      source.start(when, from);
      return () => {
        source.stop();
        source.disconnect();
      };
    },
  };
}

function bufferOf(context: AudioContext, channels: readonly Float32Array[], sampleRate: number): AudioBuffer {
  const buffer = context.createBuffer(channels.length, Math.max(1, channels[0].length), sampleRate);
  channels.forEach((channel, k) => buffer.copyToChannel(channel as Float32Array<ArrayBuffer>, k));
  return buffer;
}
