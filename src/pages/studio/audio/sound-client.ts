import type { Instrument } from '../../../midi/types.ts';
import type { SoundReply, SoundRequest } from '../sound/protocol.ts';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
type Sound = Extract<SoundReply, { sampleRate: number }>;

/** The page's end of the wire to the worker that makes sound. It is started when it is first needed. */
export class SoundClient {
  #worker?: Worker;
  #calls = 0;
  readonly #waiting = new Map<number, { resolve: (sound: Sound) => void; reject: (reason: Error) => void }>();

  /** Two channels of samples. */
  async render(instruments: Instrument[], sampleRate: number): Promise<Float32Array[]> {
    return (await this.#ask({ call: 'render', instruments, sampleRate, wav: false })).channels;
  }

  /** The bytes of a WAV file. */
  async wav(instruments: Instrument[], sampleRate: number): Promise<Uint8Array> {
    return (await this.#ask({ call: 'render', instruments, sampleRate, wav: true })).wav!;
  }

  /**
   * Plays with a SoundFont from now on; with undefined by the additive piano again.
   * @throws Error with a sentence when the bytes are none; what played before goes on
   */
  async useSoundFont(bytes: Uint8Array | undefined): Promise<void> {
    await this.#ask({ call: 'soundFont', bytes });
  }

  #ask(request: WithoutId<SoundRequest>): Promise<Sound> {
    this.#worker ??= this.#start();
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker!.postMessage({ id, ...request });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sound.js', import.meta.url), { type: 'module', name: 'etude-sound' });
    worker.onmessage = ({ data }: MessageEvent<SoundReply>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('error' in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data);
    };
    worker.onerror = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('The audio worker failed. Try again.'));
      this.#waiting.clear();
      this.#worker = undefined;
    };
    return worker;
  }
}
