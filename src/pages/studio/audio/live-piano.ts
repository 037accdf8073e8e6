import { additivePiano } from '../../../midi/audio/piano.ts';
import type { Player } from '../../kit/browser/player.ts';

/** The longest that a held key sounds, in seconds. */
const LONGEST = 4;
/** A released key dies away with this time constant, in seconds. */
const RELEASE = 0.08;

/** Keys that sound the moment they are pressed. */
export class LivePiano {
  readonly #player: Player;
  readonly #buffers = new Map<number, AudioBuffer>();
  readonly #sounding = new Map<number, { source: AudioBufferSourceNode; gain: GainNode }>();

  constructor(player: Player) {
    this.#player = player;
  }

  press(pitch: number, velocity: number): void {
    this.release(pitch);
    const { context, output } = this.#player;
    if (context.state === 'suspended') void context.resume();
    const source = context.createBufferSource();
    source.buffer = this.#bufferOf(pitch);
    const gain = context.createGain();
    gain.gain.value = 0.5 * (velocity / 127);
    source.connect(gain).connect(output);
    source.start();
    this.#sounding.set(pitch, { source, gain });
  }

  release(pitch: number): void {
    const sounding = this.#sounding.get(pitch);
    if (!sounding) return;
    this.#sounding.delete(pitch);
    const { currentTime } = this.#player.context;
    sounding.gain.gain.setTargetAtTime(0, currentTime, RELEASE);
    sounding.source.stop(currentTime + 8 * RELEASE);
  }

  #bufferOf(pitch: number): AudioBuffer {
    let buffer = this.#buffers.get(pitch);
    if (!buffer) {
      const { context } = this.#player;
      const rate = context.sampleRate;
      const [sound] = additivePiano([{ pitch, velocity: 90, start: 0, end: LONGEST }], {
        sampleRate: rate,
        seconds: LONGEST,
      });
      buffer = context.createBuffer(1, sound.length, rate);
      buffer.copyToChannel(sound as Float32Array<ArrayBuffer>, 0);
      this.#buffers.set(pitch, buffer);
    }
    return buffer;
  }
}
