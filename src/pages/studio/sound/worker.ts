// The entry of the worker that makes sound: rendering takes a second or so, which neither the page nor training should feel.
import { messageOf } from '../../../errors.ts';
import { renderAudio } from '../../../midi/audio/render.ts';
import { encodeWav } from '../../../midi/audio/wav.ts';
import type { SoundReply, SoundRequest } from './protocol.ts';

interface WorkerScope {
  onmessage: ((event: { data: SoundRequest }) => void) | null;
  postMessage(message: SoundReply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
let soundFont: Uint8Array | undefined;

scope.onmessage = async ({ data }) => {
  const { id } = data;
  try {
    if (data.call === 'soundFont') {
      // Tried before it is kept: a file that is none must not silence what comes after.
      if (data.bytes) await renderAudio(PROBE, { sampleRate: 8000, soundFont: data.bytes });
      soundFont = data.bytes;
      scope.postMessage({ id, channels: [], sampleRate: 0 });
      return;
    }
    const { sampleRate, instruments, wav } = data;
    const { channels } = await renderAudio({ instruments }, { sampleRate, soundFont, stereo: true });
    if (wav) scope.postMessage({ id, channels: [], sampleRate, wav: encodeWav(channels, sampleRate) });
    else {
      const buffers = channels.map(({ buffer }) => buffer as ArrayBuffer);
      scope.postMessage({ id, channels, sampleRate }, buffers);
    }
  } catch (thrown) {
    scope.postMessage({ id, error: messageOf(thrown) });
  }
};

/** A short note, to try a SoundFont with. */
const PROBE = {
  instruments: [{ program: 0, isDrum: false, name: '', notes: [{ pitch: 60, velocity: 80, start: 0, end: 0.05 }] }],
};
