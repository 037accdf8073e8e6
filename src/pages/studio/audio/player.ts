/** What a sound is told while it plays. */
export interface Listener {
  /** Where it is, in seconds, once a frame; null when it has ended. */
  at(seconds: number | null): void;
}

/** One sound at a time: plays, loops, mutes, and says where it is. */
export class Player {
  #context?: AudioContext;
  #gain?: GainNode;
  #source?: AudioBufferSourceNode;
  #listener?: Listener;
  #began = 0;
  #frame = 0;
  #loop = false;
  #muted = false;

  /** The page's audio; made at the first sound, since browsers want a gesture before. */
  get context(): AudioContext {
    this.#context ??= new AudioContext();
    return this.#context;
  }

  /** Where everything that sounds goes through. */
  get output(): GainNode {
    if (!this.#gain) {
      this.#gain = this.context.createGain();
      this.#gain.gain.value = this.#muted ? 0 : 0.8;
      this.#gain.connect(this.context.destination);
    }
    return this.#gain;
  }

  get playing(): boolean {
    return this.#source !== undefined;
  }

  set loop(loop: boolean) {
    this.#loop = loop;
    if (this.#source) this.#source.loop = loop;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.#gain) this.#gain.gain.value = muted ? 0 : 0.8;
  }

  /** Plays channels of samples from their beginning, in place of what sounded before. */
  async play(channels: Float32Array[], sampleRate: number, listener: Listener): Promise<void> {
    this.stop();
    const { context } = this;
    if (context.state === 'suspended') await context.resume();
    const buffer = context.createBuffer(channels.length, Math.max(1, channels[0].length), sampleRate);
    channels.forEach((channel, k) => buffer.copyToChannel(channel as Float32Array<ArrayBuffer>, k));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.loop = this.#loop;
    source.connect(this.output);
    source.onended = () => {
      if (this.#source === source) this.stop();
    };
    this.#source = source;
    this.#listener = listener;
    this.#began = context.currentTime;
    source.start();
    this.#tick();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    const [source, listener] = [this.#source, this.#listener];
    this.#source = this.#listener = undefined;
    source?.stop();
    listener?.at(null);
  }

  #tick(): void {
    const source = this.#source;
    if (!source) return;
    this.#listener?.at((this.context.currentTime - this.#began) % source.buffer!.duration);
    this.#frame = requestAnimationFrame(() => this.#tick());
  }
}
